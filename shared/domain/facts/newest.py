"""A bounded map in which the latest value of each key wins: the lattice that most facts are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct, field

Stamp = tuple[int, str]
"""(milliseconds, event id): the order in which equal instants are told apart (docs/architecture.md)."""

Entry = tuple[int, str, Any]
"""(milliseconds, event id, value)"""

Mark = tuple[int, str, str]
"""(milliseconds, event id, key): one event may name many keys, so a bound must be able to fall between them."""


Ordered = TypeVar("Ordered", Stamp, Mark)


def canonical(value: Any) -> str:
    """A text by which two values of one stamp are ordered, so that the tie falls the same way everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def later(one: Entry, other: Entry) -> Entry:
    """The later of two entries: by time, then event id, then value."""
    if one[0] != other[0]:
        return one if one[0] > other[0] else other
    if one[1] != other[1]:
        return one if one[1] > other[1] else other
    if one[2] is other[2]:
        return one
    return one if canonical(one[2]) >= canonical(other[2]) else other  # not by ==: 1 == True


def earlier(one: Entry, other: Entry) -> Entry:
    """The earlier of two entries, by the order of ``later``."""
    return other if later(one, other) is one else one


def higher(one: Ordered | None, other: Ordered | None) -> Ordered | None:
    """The maximum of two stamps or marks, where None is below everything."""
    if one is None or other is None:
        return one or other
    return max(one, other)


class Newest(Struct):
    """At most ``cap`` keys, those with the newest entries.

    What was dropped leaves a ``floor``: no entry at or below it is taken again. A subset of entries never has a higher
    floor than the whole, so the result depends on the set of entries only, never on their order or grouping.
    """

    cap: int
    entries: dict[str, Entry] = field(default_factory=dict)
    floor: Mark | None = None

    def put(self, key: str, entry: Entry) -> None:
        """Takes one entry; call ``trim`` afterwards."""
        known = self.entries.get(key)
        self.entries[key] = entry if known is None else later(known, entry)

    def absorb(self, other: Newest) -> None:
        """Becomes the join of both."""
        mine = self.entries
        for key, entry in other.entries.items():
            known = mine.get(key)
            mine[key] = entry if known is None else later(known, entry)
        if other.floor is not None:
            self.floor = higher(self.floor, other.floor)
        self.trim()

    def trim(self) -> None:
        """Keeps the newest ``cap`` keys and raises the floor over what goes."""
        if len(self.entries) > self.cap:
            marks = ((entry[0], entry[1], key) for key, entry in self.entries.items())
            self.floor = higher(self.floor, floor_of(marks, self.cap))
        if self.floor is not None:
            floor = self.floor
            self.entries = {key: entry for key, entry in self.entries.items() if (entry[0], entry[1], key) > floor}

    def copy(self) -> Newest:
        return Newest(self.cap, dict(self.entries), self.floor)

    def __bool__(self) -> bool:
        return bool(self.entries) or self.floor is not None


def floor_of(stamps: Iterable[Ordered], cap: int) -> Ordered | None:
    """The newest stamp or mark that must go so that ``cap`` stay; None if all may stay."""
    listed = list(stamps)
    if len(listed) <= cap:
        return None
    return min(listed) if len(listed) == cap + 1 else sorted(listed, reverse=True)[cap]
