"""``GET`` and ``PUT /v1/controls``: the switches over all messages, which act at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from shared.domain.events.event import Source
from shared.domain.identity.keys import time_text
from shared.domain.messages.controls import Controls
from shared.http.answers import Problem
from shared.operators.environment import Environment
from shared.operators.find_customer import find_key
from shared.ports import Conflict
from shared.stores.controls import ControlStore

SWITCHES = ("global_stop", "shadow")


def controls(environment: Environment) -> dict[str, Any]:
    """What is switched on, since when, and how many are on the allow-list. Whom it names is kept as keyed digests."""
    return _shown(ControlStore(environment.catalog).read())


def change(environment: Environment, wanted: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """Change what ``wanted`` names (a switch, or ``allow_list`` with identifiers or None); the rest stays.

    Raises
    ------
    Problem
        400 for an identifier that cannot be read; 409 if somebody else changed the switches at the same moment.
    """
    changes: dict[str, Any] = {name: bool(wanted[name]) for name in SWITCHES if name in wanted}
    if "allow_list" in wanted:
        changes["allow_list"] = _keys(wanted["allow_list"], environment)
    at, by = time_text(environment.clock.now()), source.name
    try:
        changed = ControlStore(environment.catalog).change(lambda now: replace(now, **changes, at=at, by=by))
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


def _keys(listed: list[Any] | None, environment: Environment) -> frozenset[str] | None:
    return None if listed is None else frozenset(find_key(environment, str(one)) for one in listed)
