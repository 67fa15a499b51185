"""What differs between two releases, definition by definition; numbers and what publishing adds are no part of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.definitions.release import SERVICE, Release, write_release
from shared.domain.journeys.start_definition import day_segment

KINDS = {
    "shop": "shop", "segment": "segments", "journey": "journeys", "template": "templates", "coupon": "coupons",
    **SERVICE,
}  # fmt: skip
"""What a release holds, and under which word its JSON lists it."""
SHOP = "shop/shop"
"""The key of the shop's answers, of which there is one."""


class Keyed:
    """What is about one definition, named by a ``key`` of its kind and name: ``segment/at-risk``."""

    __slots__ = ()
    key: str

    @property
    def kind(self) -> str:
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Difference(Keyed):
    """One definition. ``before`` or ``after`` is None where there is none."""

    key: str
    before: Any
    after: Any


def definitions_of(release: Release) -> dict[str, Any]:
    """Every definition of a release as JSON, by its key. Nothing for the empty release before the first.

    Segments that a release makes of journeys which begin by date are left out: nobody writes them.
    """
    if not release.number and release.shop.name == "-":
        return {}
    said = json.loads(write_release(release))
    made = {day_segment(journey.journey) for journey in release.journeys}
    found: dict[str, Any] = {SHOP: said["shop"]}
    for kind, listed in KINDS.items():
        if kind != "shop":
            found |= {f"{kind}/{one[kind]}": one for one in said[listed] if one[kind] not in made or kind != "segment"}
    return found


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What was added, changed or removed, in the order of the kinds and then of the names."""
    order = list(KINDS)
    keys = sorted({*before, *after}, key=lambda key: (order.index(key.partition("/")[0]), key))
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return tuple(Difference(key, old, new) for key, old, new in pairs if old != new)
