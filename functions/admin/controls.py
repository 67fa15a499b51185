"""``GET`` and ``PUT /v1/controls``: the switches over all messages, which act at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from functions.admin.environment import Environment
from functions.admin.find_customer import find_key
from functions.admin.json_body import json_object
from shared.domain.events.event import Source
from shared.domain.identity.keys import time_text
from shared.domain.messages.controls import Controls
from shared.http.answers import Problem, malformed
from shared.http.request import Request
from shared.ports import Conflict
from shared.stores.controls import ControlStore

SWITCHES = ("global_stop", "shadow")
LISTED_AT_MOST = 1_000


def controls(environment: Environment) -> dict[str, Any]:
    """What is switched on, since when, and how many are on the allow-list. Whom it names is kept as keyed digests."""
    return _shown(ControlStore(environment.catalog).read())


def change(request: Request, environment: Environment, source: Source) -> dict[str, Any]:
    """Change what the body names, ``{"global_stop": bool, "shadow": bool, "allow_list": [identifier, ...] | null}``.

    Raises
    ------
    Problem
        400 for anything else in it; 409 if somebody else changed the switches at the same moment.
    """
    body = json_object(request)
    if not body or body.keys() - {*SWITCHES, "allow_list"}:
        raise malformed("say global_stop, shadow (true or false) or allow_list (identifiers, or null)")
    wanted: dict[str, Any] = {}
    for name in SWITCHES:
        if name in body:
            if not isinstance(body[name], bool):
                raise malformed(f"{name} is true or false")
            wanted[name] = body[name]
    if "allow_list" in body:
        wanted["allow_list"] = _keys(body["allow_list"], environment)
    at, by = time_text(environment.clock.now()), source.name
    try:
        changed = ControlStore(environment.catalog).change(lambda now: replace(now, **wanted, at=at, by=by))
    except Conflict as raced:
        raise Problem(409, "conflict", "somebody else changed the switches at the same moment; look again") from raced
    return _shown(changed)


def _shown(found: Controls) -> dict[str, Any]:
    return {
        "global_stop": found.global_stop,
        "shadow": found.shadow,
        "allow_list": None if found.allow_list is None else len(found.allow_list),
        "changed_at": found.at or None,
        "changed_by": found.by or None,
    }


def _keys(listed: Any, environment: Environment) -> frozenset[str] | None:
    if listed is None:
        return None
    if not isinstance(listed, list) or not 0 < len(listed) <= LISTED_AT_MOST:
        raise malformed(
            f"allow_list holds 1 to {LISTED_AT_MOST} identifiers such as email:ayse@example.com, or is null"
        )
    return frozenset(find_key(environment, str(one)) for one in listed)
