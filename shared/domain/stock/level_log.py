"""The log of a level: every change that was applied, so that their sum can be compared with the level."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from shared.domain.stock.level import Level


class Entry(Struct, frozen=True):
    """One step that was applied, by which request and when (epoch milliseconds)."""

    step: str
    key: str
    change: Level
    at_ms: int


class Chapter(Struct, frozen=True):
    """Neighbouring entries of a log, and the level before the first of them. ``number``: that of the first entry."""

    number: int
    before: Level
    entries: tuple[Entry, ...]

    @property
    def after(self) -> Level:
        """The level after its last entry."""
        return total(self.before, (entry.change for entry in self.entries))


def total(start: Level, changes: Iterable[Level]) -> Level:
    """The level after some changes."""
    for change in changes:
        start = start.plus(change)
    return start


def mistakes(chapters: Iterable[Chapter], level: Level) -> list[str]:
    """What is wrong with a whole log, given the level that is stored: nothing, if the sum of movements is the level."""
    found = []
    number, now = 0, Level()
    for chapter in chapters:
        if chapter.number != number:
            found.append("entries_missing")
        if chapter.before != now:
            found.append("sum_differs")
        number, now = chapter.number + len(chapter.entries), chapter.after
    if now != level:
        found.append("level_differs")
    return list(dict.fromkeys(found))
