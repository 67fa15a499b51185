"""Levels and reservations in the table ``stock``: every change is one transaction, and none is made twice.

A transaction holds the levels, each on condition of its version, and the mark of the request, on condition that it is
not there. So two who sell the last piece at once never both succeed, and a request that is sent again finds its mark. A
movement of one line costs one read unit and four write units; a part of the log is written apart every sixth time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds, safe_id
from shared.domain.stock.level import Level
from shared.domain.stock.level_log import Chapter, mistakes
from shared.domain.stock.movement import Place
from shared.domain.stock.request import StockRequest, fingerprint, steps_of
from shared.domain.stock.reservation import Promised, Reservation, State, steps_to_end
from shared.domain.stock.shop_view import OrderStep
from shared.ports import Conflict, Table, Throttled, Write
from shared.stores.reservation_items import read_reservation, reservation_item
from shared.stores.stock_changes import LevelChanges, LineRefused, RulesOf, Watch
from shared.stores.stock_items import (
    LEVEL,
    LOG,
    MARK,
    StoredLevel,
    level_key,
    mark_key,
    movement_mark,
    read_chapter,
    read_level,
    sku_key,
)
from shared.stores.stock_shards import level_shard

TRIES = 16
"""How often a change is decided anew because another one of the same level came first."""


class KeyReused(Exception):
    """The key came with another request before."""


class UnknownReservation(LookupError):
    """There is no reservation of this id."""


class ReservationEnded(Exception):
    """The reservation ended in another way before."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state: State = state


class Applied(Struct, frozen=True):
    """The level of each line after the request (of a transfer: where it came from).

    ``repeated``: it had been applied before, and these are the levels of then.
    """

    levels: tuple[Level, ...]
    repeated: bool = False


class StockStore:
    """``pause`` waits before the given attempt, so that many who change one level come apart. ``watch`` hears of each
    change before it is written; it may never be written, or again."""

    def __init__(
        self,
        table: Table,
        pause: Callable[[int], None] = lambda _attempt: None,
        watch: Watch = lambda _changes, _at: None,
    ) -> None:
        self._table = table
        self._pause = pause
        self._changes = LevelChanges(table, watch)

    def levels(self, sku: str) -> list[StoredLevel]:
        """All levels of a sku, by location, but for those that a shop counts no more: nobody knows them."""
        found: list[StoredLevel] = []
        cursor = None
        while True:
            page = self._table.query(sku_key(sku), prefix=LEVEL, cursor=cursor)
            found += [one for one in map(read_level, page.items) if not one.view.untracked]
            cursor = page.cursor
            if cursor is None:
                return found

    def apply(self, request: StockRequest, rules: RulesOf, extra: Sequence[Write] = ()) -> Applied:
        """Apply all lines of a request, or none; ``extra`` items are written with it.

        Raises
        ------
        LineRefused
            If the stock does not allow it; the same request may be allowed later.
        KeyReused
            If the key came with another request.
        Throttled
            If others keep changing the same levels; nothing was applied.
        """
        print_ = fingerprint(request)

        def marks(levels: Sequence[Level]) -> list[Write]:
            return [Write(movement_mark(request, print_, levels), {"pk": None}), *extra]

        mark, levels = self._commit(request, print_, rules, marks)
        if mark is not None:
            return Applied(tuple(Level(*map(int, row)) for row in mark["after"]), repeated=True)
        return Applied(levels)

    def reserve(
        self, request: StockRequest, until: datetime, rules: RulesOf, extra: Sequence[Write] = ()
    ) -> Reservation:
        """Reserve the lines of a request until an instant, all or none; ``extra`` items are written with it.

        Raises
        ------
        LineRefused, KeyReused, Throttled
            As ``apply``.
        """
        print_ = fingerprint(request)
        lines = tuple(Promised(Place(line.sku, line.location), line.quantity) for line in request.lines)
        made = Reservation(request.key, lines, until, about=request.about)
        marks = [Write(reservation_item(made, print_), {"pk": None}), *extra]
        mark, _ = self._commit(request, print_, rules, lambda _levels: marks)
        return made if mark is None else read_reservation(mark)

    def reservation(self, key: str) -> Reservation | None:
        """The reservation of this key, if there is one."""
        item = self._table.get(mark_key(key), MARK)
        return read_reservation(item) if item is not None and item["kind"] == "reservation" else None

    def claim(self, key: str, print_: str) -> None:
        """Take a key for one content before its parts are applied on their own. The same again changes nothing.

        Raises
        ------
        KeyReused
            If the key came with another request.
        """
        try:
            self._table.put({"pk": mark_key(key), "sk": MARK, "kind": "request", "print": print_}, expect={"pk": None})
        except Conflict:
            self._mark(key, print_)

    def end(
        self,
        id_: str,
        state: State,
        key: str,
        at: datetime,
        rules: RulesOf,
        extra: Sequence[Write] = (),
        *,
        marked: bool = False,
    ) -> Reservation:
        """End a reservation: its pieces are sold (``collected``) or free again. ``key`` names this request, so that
        sending it again is known; with ``marked`` no other request may use it. ``extra`` items are written with it.

        Raises
        ------
        UnknownReservation, ReservationEnded
            If there is none, or if it ended by another request before.
        KeyReused
            If the key came with another request.
        LineRefused, Throttled
            As ``apply``.
        Conflict
            If there are extra items, and another change came first: whether they still hold is the caller's to say.
        """
        print_ = f"end {id_} {state}"
        mark = {"pk": mark_key(key), "sk": MARK, "kind": "end", "print": print_}
        marked = marked and key != id_  # the key of the reservation itself is taken, by what it ends
        marks = [Write(mark, {"pk": None})] if marked else []
        for attempt in range(TRIES):
            if marked:
                self._mark(key, print_)
            item = self._table.get(mark_key(id_), MARK)
            if item is None or item["kind"] != "reservation":
                raise UnknownReservation(id_)
            held = read_reservation(item)
            if held.state != "open":
                if (held.state, held.ended_by) == (state, key):
                    return held
                raise ReservationEnded(held.state)
            if state == "collected" and held.expired(at):
                raise ReservationEnded("expired")
            ended = held.ended(state, key)
            steps = list(enumerate(steps_to_end(held, state)))
            try:
                writes, _ = self._changes.of_steps(steps, rules, key, at, OrderStep(id_))
            except LineRefused:
                if self._table.get(mark_key(id_), MARK) == item:
                    raise
                continue  # it ended after it was read, so its pieces are not reserved any more
            mine = Write(reservation_item(ended, item["print"]), {"state": "open"})
            try:
                self._table.transact([mine, *marks, *writes, *extra])
            except Conflict:
                if extra:
                    raise
                self._pause(attempt)
                continue
            return ended
        raise Throttled("others keep changing the same stock")

    def take_number(
        self, place: Place, number: int | None, number_ms: int, key: str, at: datetime, rules: RulesOf, extra: Write
    ) -> bool:
        """Bring a level to what a connected shop says can be sold there (``shop_view``), and write ``extra`` with it.
        False if no piece changes.

        Raises
        ------
        Conflict
            If another change of the level or of ``extra`` came first: decide again.
        """
        found = self._changes.of_number(place, number, number_ms, rules, key, at)
        if found is None:
            self._table.put(extra.item, expect=extra.expect)
            return False
        writes, changed = found
        self._table.transact([extra, *writes])
        return changed

    def prolong(self, id_: str, until: datetime, extra: Sequence[Write]) -> None:
        """Let an open reservation end at another instant; ``extra`` items are written with it.

        Raises
        ------
        UnknownReservation, ReservationEnded
            If there is none, or it has ended.
        Conflict
            If another change came first.
        """
        item = self._table.get(mark_key(id_), MARK)
        if item is None or item["kind"] != "reservation":
            raise UnknownReservation(id_)
        held = read_reservation(item)
        if held.state != "open":
            raise ReservationEnded(held.state)
        mine = reservation_item(replace(held, until=until), item["print"])
        self._table.transact([Write(mine, {"state": "open", "until": item["until"]}), *extra])

    def sample(self, shard: int, start: str, most: int) -> list[Place]:
        """Places of a shard from a digest on, for who compares some of them with their log."""
        page = self._table.query(level_shard(shard), at_least=start, limit=most, index="levels")
        found = self._table.get_many([(item["pk"], item["sk"]) for item in page.items])
        return [read_level(item).place for item in found]

    def chapters(self, place: Place) -> list[Chapter]:
        """The whole log of a level. What comes last is in the level itself."""
        found: list[Chapter] = []
        cursor = None
        while True:
            prefix = f"{LOG}{safe_id(place.location)}#"
            page = self._table.query(sku_key(place.sku), prefix=prefix, cursor=cursor)
            found += map(read_chapter, page.items)
            cursor = page.cursor
            if cursor is None:
                return found

    def audit(self, place: Place) -> list[str]:
        """What is wrong with a level, by the sum of all movements; nothing, if all is right.

        The level is read first: what is applied afterwards is in chapters that it does not count yet.
        """
        item = self._table.get(*level_key(place))
        stored = StoredLevel(place) if item is None else read_level(item)
        older = [chapter for chapter in self.chapters(place) if chapter.number < stored.chapter.number]
        return mistakes([*older, stored.chapter], stored.level)

    def _commit(
        self,
        request: StockRequest,
        print_: str,
        rules: RulesOf,
        marks: Callable[[tuple[Level, ...]], Sequence[Write]],
    ) -> tuple[dict[str, Any] | None, tuple[Level, ...]]:
        """The mark of the request if it was applied before, else the level of each line after it.

        Nothing is read of the mark until something stands in the way: a retry of what took the last piece finds none
        left, and must not be refused for that.
        """
        steps, ordered = steps_of(request.lines), request.ordered_at
        order = None if ordered is None else OrderStep(request.key, milliseconds(ordered))
        for attempt in range(TRIES):
            try:
                writes, levels = self._changes.of_steps(steps, rules, request.key, request.at, order)
                self._table.transact([*marks(levels), *writes])
            except LineRefused:
                mark = self._mark(request.key, print_)
                if mark is None:
                    raise
                return mark, ()
            except Conflict:
                mark = self._mark(request.key, print_)
                if mark is not None:
                    return mark, ()
                self._pause(attempt)
                continue
            return None, levels
        raise Throttled("others keep changing the same stock")

    def _mark(self, key: str, print_: str) -> dict[str, Any] | None:
        mark = self._table.get(mark_key(key), MARK)
        if mark is not None and mark["print"] != print_:
            raise KeyReused(key)
        return mark
