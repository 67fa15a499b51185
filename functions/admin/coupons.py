"""With the admin key: which coupons there are, codes to import, and whether a code was given."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from functions.admin.environment import Environment
from shared.domain.coupons.definition import is_code
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import time_text
from shared.http.answers import malformed, not_found
from shared.stores.coupons import CouponCodes
from shared.stores.releases import Releases

COUNT_AT_MOST = 10_000


def coupons(environment: Environment) -> dict[str, Any]:
    """The coupons of the current release: where their codes come from, which steps give them, how many are free.

    ``codes``: ``imported``, ``pattern``, or ``same`` for everybody.
    """
    release = Releases(environment.catalog).current()
    store = _store(environment)
    given: dict[str, list[str]] = {coupon.coupon: [] for coupon in release.coupons}
    for name, step in _gives(release):
        given.setdefault(name, []).append(step)
    items = []
    for name, steps in given.items():
        definition = release.coupon(name)
        imported = definition is not None and definition.made is None
        free = store.left(name, COUNT_AT_MOST) if imported else None
        items.append(
            {
                "name": name,
                "label": definition.label if definition else {},
                "codes": "same" if definition is None else "imported" if imported else "pattern",
                "pattern": definition.pattern if definition else None,
                "free": free,
                "free_at_least": free is not None and free >= COUNT_AT_MOST,
                "given_by": steps,
            }
        )
    return {"items": items, "cursor": None}


def add_codes(environment: Environment, name: str, codes: Sequence[Any]) -> dict[str, Any]:
    """Import codes: how many are new, known already, and which cannot be codes. Repeating it is safe.

    Codes may come before the release that gives them.

    Raises
    ------
    Problem
        400 for a name that no coupon can have, or a coupon whose codes come from elsewhere.
    """
    if not is_code(name):
        raise malformed("a coupon's name has letters, digits, hyphens, such as CART10")
    definition = Releases(environment.catalog).current().coupon(name)
    if definition is not None and definition.made is not None:
        raise malformed(f"codes of {name} are made from a pattern; write codes: imported into its definition first")
    wrong = [place for place, code in enumerate(codes) if not isinstance(code, str) or not is_code(code)]
    right = list(dict.fromkeys(code for code in codes if isinstance(code, str) and is_code(code)))
    new = _store(environment).add(name, right)
    return {
        "new": new,
        "known": len(codes) - len(wrong) - new,
        "rejected": [{"index": place, "reason": "not_a_code"} for place in wrong],
        "defined": definition is not None,
    }


def code(environment: Environment, name: str, text: str) -> dict[str, Any]:
    """For the checkout: since when and until when a code counts, and the message that shows it.

    Raises
    ------
    Problem
        404 if it was given to nobody.
    """
    found = _store(environment).find(name, text) if is_code(name) and is_code(text) else None
    if found is None:
        raise not_found("this code was given to nobody")
    return {
        "coupon": name,
        "code": text,
        "percent": found.percent,
        "given_at": time_text(found.at),
        "valid_until": None if found.valid_until is None else time_text(found.valid_until),
        "message_id": found.holder.message_id,
    }


def _gives(release: Release) -> Iterator[tuple[str, str]]:
    for journey in release.journeys:
        for step in journey.plan.sends:
            if step.give is not None:
                yield step.give.coupon, f"{journey.journey}/{step.id}"


def _store(environment: Environment) -> CouponCodes:
    return CouponCodes(environment.messages, secrets.randbelow)
