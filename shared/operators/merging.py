"""Many sorted lists read as one, newest first: a page costs what is on it, however long the lists are."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from shared.http.answers import malformed
from shared.operators.paging import limit_of, read_mark, write_mark
from shared.ports import Page

Entry = TypeVar("Entry")

CHUNK = 8
"""The fewest items that one list is asked for."""
EXAMINED = 10
"""Items looked at per item wanted, when filters leave some out: then a page is short, and has a cursor."""

_PLACE = re.compile(r"(?:-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)#[A-Za-z0-9_.:@=+~#-]{1,140}", re.ASCII)
_PARTITION = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


class Position(NamedTuple):
    """Where an item lies in the merged list: a total order, so that a cursor cuts between any two items.

    ``place`` begins with the time as fixed-width text; a ``-`` instead sorts before every time.
    """

    place: str
    kind: str
    partition: str


Read = Callable[[str | None, str | None, int, str | None], Page]
"""(places from this on, places below this, at most so many, the table's cursor) to the newest items."""


@dataclass(slots=True)
class Lane:
    """One sorted list. ``place`` reads the place of an item, ``floor`` and ``ceiling`` bound it (half-open)."""

    kind: str
    partition: str
    read: Read
    place: Callable[[Mapping[str, Any]], str]
    floor: str | None = None
    ceiling: str | None = None
    waiting: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    cursor: str | None = None

    def begin(self, mark: Position | None) -> None:
        """Behind the cursor: what lies at the same place counts by kind and partition."""
        if mark is not None:
            # No place goes on with a blank: so this is the least text above the place itself.
            below = f"{mark.place} " if (self.kind, self.partition) < mark[1:] else mark.place
            self.ceiling = below if self.ceiling is None else min(self.ceiling, below)

    def fill(self, count: int) -> None:
        """Reads on if nothing waits."""
        if self.floor is not None and self.ceiling is not None and self.floor >= self.ceiling:
            self.ended = True
        while not self.waiting and not self.ended:  # a page may be empty and not the last
            page = self.read(self.floor, self.ceiling, count, self.cursor)
            self.waiting = page.items[::-1]
            self.cursor = page.cursor
            self.ended = page.cursor is None

    @property
    def head(self) -> Position | None:
        return Position(self.place(self.waiting[-1]), self.kind, self.partition) if self.waiting else None


def merged_page(
    name: str, lanes: Sequence[Lane], query: Mapping[str, str], read: Callable[[str, str, dict[str, Any]], Entry | None]
) -> tuple[list[Entry], str | None]:
    """A page of the lanes as one list, newest first. ``read`` makes an entry of (kind, partition, item), None leaves it
    out. Events that arrive meanwhile take their place by time: who pages on meets nothing twice and misses nothing that
    was there, unless it moved.

    Raises
    ------
    Problem
        400 if the limit or the cursor is not one of this list.
    """
    limit = limit_of(query)
    mark = _mark(name, query)
    for lane in lanes:
        lane.begin(mark)
    entries: list[Entry] = []
    heads = _Heads(lanes, limit)
    for _ in range(limit * EXAMINED):
        found = heads.pop()
        if found is None:
            return entries, None
        mark, item = found
        entry = read(mark.kind, mark.partition, item)
        if entry is not None:
            entries.append(entry)
            if len(entries) == limit:
                break
    return entries, write_mark([name, *mark]) if mark is not None and heads.more else None


class _Heads:
    """The newest waiting item of each lane. A lane is read on only when its last item was taken."""

    def __init__(self, lanes: Sequence[Lane], limit: int) -> None:
        self._limit = limit
        self._chunk = min(limit + 1, max(CHUNK, -(-2 * limit // max(1, len(lanes)))))
        self._lanes = lanes
        self._heap: list[tuple[_Descending, int]] = []
        self._drained = list(range(len(lanes)))
        self._asked = [self._chunk] * len(lanes)

    def pop(self) -> tuple[Position, dict[str, Any]] | None:
        for number in self._drained:
            lane = self._lanes[number]
            lane.fill(self._asked[number])
            self._asked[number] = min(2 * self._asked[number], self._limit + 1)
            if lane.head is not None:
                heapq.heappush(self._heap, (_Descending(lane.head), number))
        self._drained = []
        if not self._heap:
            return None
        head, number = heapq.heappop(self._heap)
        lane = self._lanes[number]
        item = lane.waiting.pop()
        if lane.head is not None:
            heapq.heappush(self._heap, (_Descending(lane.head), number))
        elif not lane.ended:
            self._drained.append(number)
        return head.position, item

    @property
    def more(self) -> bool:
        return bool(self._heap or self._drained)


@dataclass(frozen=True, slots=True)
class _Descending:
    position: Position

    def __lt__(self, other: _Descending) -> bool:
        return self.position > other.position


def _mark(name: str, query: Mapping[str, str]) -> Position | None:
    """The position behind which to go on. The cursor comes from outside, so all of it is checked."""
    match read_mark(query):
        case None:
            return None
        case [str() as of, str() as place, str() as kind, str() as partition] if (
            of == name and _PLACE.fullmatch(place) and kind.isalpha() and _PARTITION.fullmatch(partition)
        ):
            return Position(place, kind, partition)
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
