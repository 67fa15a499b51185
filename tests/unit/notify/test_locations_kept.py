"""How long a sender believes what it knew of locations."""

from __future__ import annotations

import pytest

from shared.queries.stock_of_now import ASK_AGAIN_SECONDS, SOON_SECONDS, StockReader
from tests.unit.notify.test_stock_of_now import STORE, describe, move
from tests.unit.notify.world import Shopping

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("again", "seconds"), [(SOON_SECONDS, 5.0), (ASK_AGAIN_SECONDS, 60.0)])
def test_a_new_location_is_noticed_in_time(again: float, seconds: float) -> None:
    """Within a minute; on the laptop within five seconds, as the first stock is."""
    shop, now = Shopping(), [0.0]
    move(shop, "receipt", "dress-38", 3)
    reader = StockReader(shop.stock, lambda: now[0], again)
    assert reader.read((("dress-38",),)).locations == {}
    describe(shop, STORE)
    now[0] = seconds - 0.1
    assert reader.read((("dress-38",),)).locations == {}
    now[0] = seconds
    assert list(reader.read((("dress-38",),)).locations) == ["kadikoy"]
