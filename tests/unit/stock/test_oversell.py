"""Sixty-four buyers, ten pieces at three locations, with crashes, time-outs and requests that are sent twice."""

from __future__ import annotations

import os

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.stock.level import NO_RULES
from shared.stores.stock import StockStore
from tests.support import last_pieces
from tests.unit.stock.test_stock_store import line, request

pytestmark = pytest.mark.unit
INTERLEAVINGS = 10_000
PARTS = 20
OFFSET = int(os.environ.get("KERVAN_SEED", "0"))
"""Another number plays other interleavings."""


@pytest.mark.parametrize("seed", range(6))
def test_sixty_four_buy_the_last_ten(seed: int) -> None:
    """Ten of them get a piece, each once, and every one hears by his key what he got."""
    last_pieces.check(last_pieces.play(seed))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_interleavings(part: int) -> None:
    """The same, 10,000 times."""
    for seed in range(part, INTERLEAVINGS, PARTS):
        last_pieces.check(last_pieces.play(OFFSET + seed))


def test_reading_and_then_writing_oversells_here() -> None:
    """A stock that reads and then writes promises several times what is there, and its levels do not even say so: the
    simulation finds what it looks for (docs/benchmarks.md has the figures of 1,000 interleavings)."""
    for seed in range(5):
        promised, reserved = last_pieces.read_then_write(seed)
        assert promised > 2 * last_pieces.LAST
        assert reserved < promised


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
