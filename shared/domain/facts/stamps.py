"""Stamps in the bytes of facts: each is written once, and elsewhere its number."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.newest import Mark, Newest, Stamp


class Stamps:
    """Each stamp once; elsewhere its number. Times are written as differences."""

    def __init__(self, rows: list[list[Any]] | None = None) -> None:
        self._rows: list[Stamp] = []
        last = 0
        for step, event in rows or []:
            last += step
            self._rows.append((last, event))
        self._places = {stamp: place for place, stamp in enumerate(self._rows)}

    def place(self, stamp: Stamp) -> int:
        return self._places.setdefault(stamp, len(self._places))

    def maybe(self, stamp: Stamp | None) -> int:
        return -1 if stamp is None else self.place(stamp)

    def at(self, place: int) -> Stamp | None:
        return None if place < 0 else self._rows[place]

    def sure(self, place: int) -> Stamp:
        return self._rows[place]

    def written(self) -> list[list[Any]]:
        rows: list[list[Any]] = []
        last = 0
        for when, event in self._places:
            rows.append([when - last, event])
            last = when
        return rows


def write_mark(mark: Mark, stamps: Stamps) -> list[Any]:
    return [stamps.place(mark[:2]), mark[2]]


def write_newest(part: Newest, stamps: Stamps) -> list[Any]:
    """An empty list for nothing."""
    if not part:
        return []
    rows = [[key, stamps.place(part.entries[key][:2]), part.entries[key][2]] for key in sorted(part.entries)]
    return [rows] if part.floor is None else [rows, *write_mark(part.floor, stamps)]


def read_newest(part: Newest, shape: list[Any] | None, stamps: Stamps) -> None:
    """Fills an empty part with what was written."""
    if shape:
        part.entries = {key: (*stamps.sure(place), value) for key, place, value in shape[0]}
        part.floor = (*stamps.sure(shape[1]), shape[2]) if len(shape) > 1 else None
