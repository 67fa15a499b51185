"""Levels as they are about to be written: what steps, or the number of a connected shop, make of what is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct, field

from shared.domain.identity.keys import milliseconds, safe_id
from shared.domain.stock.level import Level, StockRules
from shared.domain.stock.level_log import Chapter, Entry
from shared.domain.stock.movement import LevelStep, Place, Reason, Refused, change_of
from shared.domain.stock.shop_view import SHOP_STEP, OrderStep, ShopView, moved, settled, told
from shared.ports import Table, Write
from shared.stores.stock_items import LOG, StoredLevel, chapter_item, level_key, read_chapter, read_level, sku_key

RulesOf = Callable[[str], StockRules]
"""Location to what it allows."""
Steps = Sequence[tuple[int, LevelStep]]
NEWEST_CHAPTERS = 20
"""Read at once where a shop's number is older than what a level keeps of its log."""


class Change(Struct, frozen=True):
    """A level as it is stored, and as it is about to be written."""

    stored: StoredLevel
    after: Level


Watch = Callable[[Sequence[Change], datetime], None]


class LineRefused(Exception):
    """The stock does not allow a line. Nothing of its request is applied."""

    def __init__(self, index: int, place: Place, reason: Reason) -> None:
        super().__init__(reason)
        self.index, self.place, self.reason = index, place, reason


class _Growing(Struct):
    """One level while steps are applied to it."""

    stored: StoredLevel
    level: Level
    view: ShopView
    entries: list[Entry] = field(default_factory=list)

    def add(self, change: Level, step: str, key: str, at: datetime) -> None:
        self.level = self.level.plus(change)
        self.entries.append(Entry(step, key, change, milliseconds(at)))

    def write(self) -> Write:
        after = self.stored.with_entries(tuple(self.entries), self.view)
        return Write(after.item(), {"version": self.stored.version or None})


class LevelChanges:
    """``watch`` hears of each change before it is written."""

    def __init__(self, table: Table, watch: Watch) -> None:
        self._table, self._watch = table, watch

    def of_steps(
        self, steps: Steps, rules: RulesOf, key: str, at: datetime, order: OrderStep | None = None
    ) -> tuple[list[Write], tuple[Level, ...]]:
        """The levels as they are to be written, and the level of each line after its steps. Full chapters are written
        here: their content is settled, whoever writes them and how often.

        Raises
        ------
        LineRefused
            If the stock does not allow a line.
        """
        growing = self._read({step.place for _, step in steps})
        after: dict[int, Level] = {}
        for index, step in steps:
            now = growing[step.place]
            try:
                _apply(now, step, rules(step.place.location), key, at, order)
            except Refused as refused:
                raise LineRefused(index, step.place, refused.reason) from refused
            after.setdefault(index, now.level)
        return self._writes(list(growing.values()), at), tuple(after[index] for index in sorted(after))

    def of_number(
        self, place: Place, number: int | None, number_ms: int, rules: RulesOf, key: str, at: datetime
    ) -> tuple[list[Write], bool] | None:
        """The level as a shop's number leaves it, and whether its pieces change; None if there is nothing to write."""
        now = self._read({place})[place]
        found = told(now.level, now.view, number, number_ms, self._since(now.stored, number_ms), rules(place.location))
        if found is None:
            return None
        change, view = found
        if (change, view) == (Level(), now.view):
            return None
        now.view = view
        if change != Level():
            now.add(change, SHOP_STEP, key, at)
        return self._writes([now], at), change != Level()

    def _read(self, places: set[Place]) -> dict[Place, _Growing]:
        stored = {place: StoredLevel(place) for place in places}
        stored |= {one.place: one for one in map(read_level, self._table.get_many([*map(level_key, places)]))}
        return {place: _Growing(one, one.level, one.view) for place, one in stored.items()}

    def _since(self, stored: StoredLevel, at_ms: int) -> list[Entry]:
        """The entries of a level's log from an instant on; what it keeps itself is often enough."""
        found = list(stored.chapter.entries)
        cursor, missing = None, stored.chapter.number > 0 and all(one.at_ms >= at_ms for one in found)
        while missing:
            prefix = f"{LOG}{safe_id(stored.place.location)}#"
            page = self._table.query(
                sku_key(stored.place.sku), prefix=prefix, newest_first=True, limit=NEWEST_CHAPTERS, cursor=cursor
            )
            older = [one for one in map(read_chapter, page.items) if one.number < stored.chapter.number]
            found += [entry for chapter in older for entry in chapter.entries]
            cursor = page.cursor
            missing = cursor is not None and all(chapter_since(one, at_ms) for one in older)
        return [one for one in found if one.at_ms >= at_ms]

    def _writes(self, growing: Sequence[_Growing], at: datetime) -> list[Write]:
        self._watch([Change(one.stored, one.level) for one in growing], at)
        full = [(one.stored.place, one.stored.full_chapter) for one in growing]
        self._table.put_many([chapter_item(place, chapter) for place, chapter in full if chapter is not None])
        return [one.write() for one in growing]


def chapter_since(chapter: Chapter, at_ms: int) -> bool:
    """Whether all entries of a chapter are of an instant or later, so that older ones may be too."""
    return all(one.at_ms >= at_ms for one in chapter.entries)


def _apply(now: _Growing, step: LevelStep, rules: StockRules, key: str, at: datetime, order: OrderStep | None) -> None:
    """Raises Refused."""
    shop = moved(now.view, step, order)
    change = change_of(now.level, step, rules, shop.shift, ours=shop.ours)
    now.add(change, step.step, key, at)
    correction, now.view = settled(now.level, shop.view, shop.shift, rules)
    if correction != Level():
        now.add(correction, SHOP_STEP, key, at)
