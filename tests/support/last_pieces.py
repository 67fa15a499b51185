"""Sixty-four buyers of the last ten pieces at three locations: each call a turn, crashed, timed out or sent twice."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.memory import MemoryTable
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.movement import Place
from shared.domain.stock.request import Line, LineKind, StockRequest
from shared.ports import Item, Throttled, Write
from shared.stores.stock import StockStore
from shared.stores.stock_changes import LineRefused
from tests.support.interleaving import Crash, Turns, TurnTable

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SKU = "jacket-m"
PIECES = {"kadıköy": 4, "web": 3, "depot": 3}
LAST = sum(PIECES.values())
BUYERS = 64
SENT_TWICE = 16
"""Buyers whose requests two workers send side by side: a till that does not wait for the answer."""


class FaultyTable(TurnTable):
    """Before a call the worker may die or the call may be lost; after it the worker may die or the answer be lost."""

    def __init__(self, memory: MemoryTable, chance: random.Random, rate: float) -> None:
        super().__init__(memory)
        self._chance, self._rate = chance, rate

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        self._fault()
        found = super().get(pk, sk)
        self._fault()
        return found

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        self._fault()
        found = super().get_many(keys)
        self._fault()
        return found

    def put_many(self, items: Sequence[Item]) -> None:
        self._fault()
        super().put_many(items)
        self._fault()

    def transact(self, writes: Sequence[Write]) -> None:
        self._fault()
        super().transact(writes)
        self._fault()

    def _fault(self) -> None:
        """Only one worker runs at a time, so the chances come in the order of the turns."""
        drawn = self._chance.random()
        if drawn < self._rate / 2:
            raise Crash
        if drawn < self._rate:
            raise TimeoutError


@dataclass
class Sale:
    """What became of one interleaving. ``told``: what the workers of each buyer heard, True for a piece."""

    memory: MemoryTable
    told: dict[int, list[bool]] = field(default_factory=dict)
    lowest: int = 0
    """The lowest number that any level ever had."""


def play(seed: int, fault_rate: float = 0.02) -> Sale:
    """One interleaving of all buyers. Even ones buy at a till, odd ones hold a piece and collect it.

    Who is refused at one location tries the next. Whoever hears nothing asks again by the same key.
    """
    sale = Sale(MemoryTable(sized=False))
    plain = StockStore(sale.memory)
    for place, count in PIECES.items():
        plain.apply(_request(f"in-{place}", "receipt", place, count), lambda _: NO_RULES)
    sale.memory.on_change = lambda change: _note(sale, change[1])
    store = StockStore(FaultyTable(sale.memory, random.Random(f"fault-{seed}"), fault_rate))
    senders = [*range(BUYERS), *range(SENT_TWICE)]
    jobs = [functools.partial(_buy, seed, who, store, sale) for who in senders]
    Turns(random.Random(seed), crash_rate=fault_rate).run(jobs)
    return sale


def _buy(seed: int, who: int, store: StockStore, sale: Sale) -> None:
    places = random.Random(f"{seed}-{who}").sample(sorted(PIECES), len(PIECES))
    got = any(_asked_until_answered(store, who, place) for place in places)
    sale.told.setdefault(who, []).append(got)


def _asked_until_answered(store: StockStore, who: int, place: str) -> bool:
    while True:
        try:
            return _ask(store, who, place)
        except (Throttled, TimeoutError):
            continue  # nobody knows whether it was applied: the same request again


def _ask(store: StockStore, who: int, place: str) -> bool:
    key = f"buyer-{who}-{place}"
    try:
        if who % 2 == 0:
            store.apply(_request(key, "sale", place), lambda _: NO_RULES)
            return True
        store.reserve(_request(key, "reserve", place), NOW + timedelta(hours=1), lambda _: NO_RULES)
    except LineRefused:
        return False
    store.end(key, "collected", f"{key}-collected", NOW, lambda _: NO_RULES, marked=True)
    return True


def _request(key: str, kind: LineKind, place: str, quantity: int = 1) -> StockRequest:
    return StockRequest(key, (Line(kind, SKU, place, quantity),), NOW)


def _note(sale: Sale, item: Mapping[str, Any] | None) -> None:
    if item is not None and "on_hand" in item:
        sale.lowest = min(sale.lowest, item["on_hand"], item["reserved"], item["on_hand"] - item["reserved"])


def check(sale: Sale) -> None:
    """Ten buyers have a piece, all that asked heard so, ten pieces are gone, and the log of each level adds up."""
    assert len(sale.told) == BUYERS
    assert all(len(set(heard)) == 1 for heard in sale.told.values()), "two workers of one buyer heard different things"
    assert sum(len(heard) for heard in sale.told.values()) == BUYERS + SENT_TWICE
    got = {who for who, heard in sale.told.items() if heard[0]}
    assert len(got) == LAST
    assert sale.lowest == 0
    plain = StockStore(sale.memory)
    assert [(one.level.on_hand, one.level.reserved) for one in plain.levels(SKU)] == [(0, 0)] * len(PIECES)
    marks = [item for item in sale.memory.items() if item["sk"] == "mark"]
    held = [item for item in marks if item["kind"] == "reservation"]
    moved = [item for item in marks if item["kind"] == "movement"]  # those that brought the pieces among them
    assert len(held) + len(moved) == LAST + len(PIECES)
    for place, count in PIECES.items():
        where = Place(SKU, place)
        assert plain.audit(where) == []
        (level,) = [one for one in plain.levels(SKU) if one.place == where]
        left = [entry for part in (*plain.chapters(where), level.chapter) for entry in part.entries]
        assert sum(-entry.change.on_hand for entry in left if entry.change.on_hand < 0) == count


def read_then_write(seed: int, workers: int = BUYERS) -> tuple[int, int]:
    """The same buyers with a stock that reads a level, looks whether enough is there, notes the reservation, and writes
    the number it computed; nothing crashes and nobody asks twice. ``workers`` serve them, one buyer after the other.

    That is how ``createReservationItems`` of Medusa's inventory module (v2) works; its checkout puts a lock around it,
    which by default holds within one process only.

    Returns
    -------
    tuple[int, int]
        The pieces that were promised, and those that the levels then call reserved.
    """
    memory = MemoryTable(sized=False)
    for place, count in PIECES.items():
        memory.put({"pk": "level", "sk": place, "stocked": count, "reserved": 0})
    table = TurnTable(memory)

    def serve(worker: int) -> None:
        for who in range(worker, BUYERS, workers):
            buy(who)

    def buy(who: int) -> None:
        for place in random.Random(f"{seed}-{who}").sample(sorted(PIECES), len(PIECES)):
            level = table.get("level", place)
            assert level is not None
            if level["stocked"] - level["reserved"] >= 1:
                table.put({"pk": "reservation", "sk": f"{who}", "place": place})
                table.put({**level, "reserved": level["reserved"] + 1})
                return

    Turns(random.Random(seed), crash_rate=0.0).run([functools.partial(serve, one) for one in range(workers)])
    items = memory.items()
    promised = sum(item["pk"] == "reservation" for item in items)
    return promised, sum(item["reserved"] for item in items if item["pk"] == "level")
