"""Workers on one stock, their calls interleaved and crashed: never oversold, never lost, each key once."""

from __future__ import annotations

import contextlib
import functools
import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.stock.level import NO_RULES, Level
from shared.domain.stock.movement import Place
from shared.stores.stock import ReservationEnded, StockStore
from shared.stores.stock_changes import LineRefused
from tests.support.interleaving import Turns, TurnTable
from tests.unit.stock.test_stock_store import NOW, line, request

pytestmark = pytest.mark.unit
INTERLEAVINGS = int(os.environ.get("KERVAN_INTERLEAVINGS", "1000"))
"""Of the two buyers; a longer run is asked for by the environment."""


@pytest.mark.parametrize("part", range(4))
def test_two_who_buy_the_last_piece(part: int) -> None:
    """One of two gets it, and after a crash each learns by the same key what he got."""
    for seed in range(part, INTERLEAVINGS, 4):
        memory = MemoryTable()
        plain, shared = StockStore(memory), StockStore(TurnTable(memory))
        plain.apply(request("in", line("receipt")), lambda _: NO_RULES)
        got: dict[int, bool] = {}

        def buy(who: int, store: StockStore = shared, got: dict[int, bool] = got) -> None:
            try:
                store.apply(request(f"till-{who}", line("sale")), lambda _: NO_RULES)
                got[who] = True
            except LineRefused:
                got[who] = False

        rng = random.Random(seed)
        Turns(rng, crash_rate=0.2).run([lambda: buy(0), lambda: buy(1)])
        assert sorted(got.values()) == [False, True]
        assert plain.levels("jacket-m")[0].level == Level(0)
        assert plain.audit(Place("jacket-m", "kadıköy")) == []


@pytest.mark.parametrize("seed", range(12))
def test_many_buy_reserve_and_give_back(seed: int) -> None:
    """Eight workers, of which two ask for the same, sell, reserve, collect and release ten pieces at three locations,
    with crashes: what is there and what was handed out are ten pieces, and no level was ever below zero."""
    rng = random.Random(seed)
    lowest: list[int] = []
    memory = MemoryTable(on_change=lambda change: lowest.append(_available(change[1])))
    plain, shared = StockStore(memory), StockStore(TurnTable(memory))
    stores = ("kadıköy", "web", "depot")
    for place, count in zip(stores, (4, 3, 3), strict=True):
        plain.apply(request(f"in-{place}", line("receipt", location=place, quantity=count)), lambda _: NO_RULES)
    handed: Counter[str] = Counter()

    def work(pair: int) -> None:
        own = random.Random(f"{seed}-{pair}")  # who crashed, and the other of the pair, ask for the same
        for turn in range(3):
            key, wanted, state = f"w{pair}-{turn}", own.choice(stores), own.choice(("collected", "released"))
            with contextlib.suppress(LineRefused, ReservationEnded):
                if pair % 2:
                    shared.apply(request(key, line("sale", location=wanted)), lambda _: NO_RULES)
                    handed[key] = 1
                    continue
                reserved = request(key, line("reserve", location=wanted))
                shared.reserve(reserved, NOW + timedelta(hours=1), lambda _: NO_RULES)
                shared.end(key, state, f"end-{key}", NOW, lambda _: NO_RULES)  # type: ignore[arg-type]
                handed[key] = int(state == "collected")

    Turns(rng, crash_rate=0.1).run([functools.partial(work, who // 2) for who in range(8)])
    left = sum(level.level.on_hand for level in plain.levels("jacket-m"))
    assert left + sum(handed.values()) == 10
    assert min(lowest) >= 0
    for place in stores:
        assert plain.audit(Place("jacket-m", place)) == []


def _available(item: dict[str, Any] | None) -> int:
    return int(item["on_hand"]) - int(item["reserved"]) if item and "on_hand" in item else 0


def test_collecting_meets_the_expiry() -> None:
    """Of collecting and expiring at the same moment one happens, and the other reservation stays whole."""
    for seed in range(300):
        memory = MemoryTable()
        plain, shared = StockStore(memory), StockStore(TurnTable(memory))
        plain.apply(request("in", line("receipt", quantity=2)), lambda _: NO_RULES)
        for name in ("mine", "other"):
            plain.reserve(request(name, line("reserve")), NOW + timedelta(hours=1), lambda _: NO_RULES)
        done: list[str] = []

        def end(state: str, store: StockStore = shared, done: list[str] = done) -> None:
            with contextlib.suppress(ReservationEnded):
                store.end("mine", state, state, NOW, lambda _: NO_RULES)  # type: ignore[arg-type]
                done.append(state)

        Turns(random.Random(seed), crash_rate=0.1).run(
            [functools.partial(end, how) for how in ("collected", "expired")]
        )
        assert len(done) == 1
        assert plain.levels("jacket-m")[0].level == Level(1 if done == ["collected"] else 2, 1)


def test_one_collection_that_is_sent_twice_at_once() -> None:
    """Both workers hear that it is sold: none is refused because the other was first."""
    for seed in range(300):
        memory = MemoryTable()
        plain, shared = StockStore(memory), StockStore(TurnTable(memory))
        plain.apply(request("in", line("receipt")), lambda _: NO_RULES)
        plain.reserve(request("mine", line("reserve")), NOW + timedelta(hours=1), lambda _: NO_RULES)
        heard: list[str] = []

        def collect(store: StockStore = shared, heard: list[str] = heard) -> None:
            heard.append(store.end("mine", "collected", "sold", NOW, lambda _: NO_RULES, marked=True).state)

        Turns(random.Random(seed), crash_rate=0.1).run([collect, collect])
        assert heard == ["collected", "collected"]
        assert plain.levels("jacket-m")[0].level == Level(0)
