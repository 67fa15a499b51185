"""A bounded map in which the latest value of each key wins: the lattice that most facts are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Stamp = tuple[int, str]
"""(milliseconds, event id): the order in which equal instants are told apart (design 3)."""

Entry = tuple[int, str, Any]
"""(milliseconds, event id, value)"""


def canonical(value: Any) -> str:
    """A text by which two values of one stamp are ordered, so that the tie falls the same way everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def later(one: Entry, other: Entry) -> Entry:
    """The later of two entries: by time, then event id, then value."""
    if one[:2] != other[:2]:
        return one if one[:2] > other[:2] else other
    return one if one[2] == other[2] or canonical(one[2]) >= canonical(other[2]) else other


def higher(one: Stamp | None, other: Stamp | None) -> Stamp | None:
    """The maximum of two stamps, where None is below everything."""
    if one is None or other is None:
        return one or other
    return max(one, other)


@dataclass(slots=True)
class Newest:
    """At most ``cap`` keys, those with the newest entries.

    What was dropped leaves a ``floor``: no entry at or below it is taken again. A subset of entries never has a higher
    floor than the whole, so the result depends on the set of entries only, never on their order or grouping.
    """

    cap: int
    entries: dict[str, Entry] = field(default_factory=dict)
    floor: Stamp | None = None

    def put(self, key: str, entry: Entry) -> None:
        """Takes one entry; call ``trim`` afterwards."""
        known = self.entries.get(key)
        self.entries[key] = entry if known is None else later(known, entry)

    def absorb(self, other: Newest) -> None:
        """Becomes the join of both."""
        for key, entry in other.entries.items():
            self.put(key, entry)
        self.floor = higher(self.floor, other.floor)
        self.trim()

    def trim(self) -> None:
        """Keeps the newest ``cap`` keys and raises the floor over what goes."""
        self.floor = higher(self.floor, floor_of((entry[:2] for entry in self.entries.values()), self.cap))
        if self.floor is not None:
            floor = self.floor
            self.entries = {key: entry for key, entry in self.entries.items() if entry[:2] > floor}

    def copy(self) -> Newest:
        return Newest(self.cap, dict(self.entries), self.floor)

    def __bool__(self) -> bool:
        return bool(self.entries) or self.floor is not None


def floor_of(stamps: Iterable[Stamp], cap: int) -> Stamp | None:
    """The newest stamp that must go so that ``cap`` stay; None if all may stay."""
    ordered = sorted(stamps, reverse=True)
    return ordered[cap] if len(ordered) > cap else None
