"""Sixty-four buyers, ten pieces at three locations, with crashes and repetitions."""

from __future__ import annotations

import contextlib
import functools
import os
import random
from collections.abc import Callable

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.movement import Place
from shared.ports import Table, Throttled
from shared.stores.stock import LineRefused, StockStore
from tests.support.interleaving import Turns, TurnTable
from tests.unit.stock.test_stock_store import line, request

pytestmark = pytest.mark.unit
PIECES = {"kadıköy": 4, "web": 3, "depot": 3}
BUYERS = 64
INTERLEAVINGS = int(os.environ.get("KERVAN_OVERSELL", "6"))
"""A longer run is asked for by the environment."""
Buy = Callable[[int, random.Random], None]


def stocked() -> MemoryTable:
    memory = MemoryTable()
    for place, count in PIECES.items():
        StockStore(memory).apply(
            request(f"in-{place}", line("receipt", location=place, quantity=count)), lambda _: NO_RULES
        )
    return memory


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
def test_sixty_four_buy_the_last_ten(seed: int) -> None:
    """Who is refused at one location tries the next. Ten of them get a piece, each once, and ten pieces are gone."""
    memory = stocked()
    store, plain = StockStore(TurnTable(memory)), StockStore(memory)
    got: set[int] = set()

    def buy(who: int) -> None:
        places = random.Random(f"{seed}-{who}").sample(sorted(PIECES), 3)
        for place in places:
            while True:
                with contextlib.suppress(Throttled):  # others came first sixteen times: the same request again
                    try:
                        store.apply(request(f"buyer-{who}-{place}", line("sale", location=place)), lambda _: NO_RULES)
                        got.add(who)
                        return
                    except LineRefused:
                        break

    Turns(random.Random(seed), crash_rate=0.03).run([functools.partial(buy, who) for who in range(BUYERS)])
    assert len(got) == 10
    for place in PIECES:
        assert plain.audit(Place("jacket-m", place)) == []
    assert [level.level.on_hand for level in plain.levels("jacket-m")] == [0, 0, 0]


def test_reading_and_then_writing_oversells_here() -> None:
    """The same buyers with a level that is read, checked and written oversell: so this simulation finds it."""
    sold = 0
    memory = MemoryTable()
    memory.put({"pk": "level", "sk": "kadıköy", "on_hand": 10})
    shared: Table = TurnTable(memory)

    def buy(who: int) -> None:
        nonlocal sold
        level = shared.get("level", "kadıköy")
        assert level is not None
        if level["on_hand"] > 0:
            shared.put({**level, "on_hand": level["on_hand"] - 1})
            sold += 1

    Turns(random.Random(1), crash_rate=0.0).run([functools.partial(buy, who) for who in range(BUYERS)])
    assert sold > 10


def test_what_an_order_of_five_lines_costs() -> None:
    """Held in two requests and sold in three, whatever the number of lines: the units grow with the levels."""
    memory = MemoryTable()
    store = StockStore(memory)
    lines = [line("receipt", f"sku-{n}", quantity=9) for n in range(5)]
    store.apply(request("in", *lines), lambda _: NO_RULES)
    memory.usage.reset()
    wanted = request("order-1", *[line("reserve", f"sku-{n}") for n in range(5)])
    store.reserve(wanted, wanted.at.replace(year=2027), lambda _: NO_RULES)
    assert (memory.usage.requests, memory.usage.read_units, memory.usage.write_units) == (2, 5.0, 12.0)
    memory.usage.reset()
    store.end("order-1", "collected", "sold-1", wanted.at, lambda _: NO_RULES)
    assert (memory.usage.requests, memory.usage.read_units, memory.usage.write_units) == (3, 6.0, 12.0)
