"""A push about a store that is near says that it is open only while it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.shop import Shop
from shared.domain.profile.profile import Line
from shared.domain.stock.location import Location
from shared.domain.stock.opening_hours import OpeningHours, read_span
from shared.domain.templates.near_store import NearStore, store_view
from shared.domain.templates.sample import NOW

pytestmark = pytest.mark.unit
HOURS = OpeningHours({day: read_span("10:00-22:00") for day in range(7)})


@pytest.mark.parametrize(
    ("opening", "hour", "says", "not_says"),
    [
        (HOURS, 12, "see and try it now at Kadıköy", "open today"),
        (HOURS, 8, "lies at Kadıköy, open today 10:00-22:00", "now"),
        (HOURS, 23, "lies at Kadıköy.", "open"),
        (OpeningHours(), 12, "lies at Kadıköy.", "now"),
    ],
    ids=["open", "later", "over", "unknown"],
)
def test_a_store_that_is_closed_is_not_said_to_be_open(
    opening: OpeningHours, hour: int, says: str, not_says: str
) -> None:
    """It opens later today, or not before tomorrow, or nobody knows."""
    place = Location("kadikoy", "Kadıköy", pickup=True, opening=opening, ready_within=timedelta(hours=2))
    store = NearStore(place, (Line("p1", 1, NOW, {"name": "a"}),))
    now = datetime(2026, 12, 7, hour, tzinfo=ZoneInfo("Europe/Istanbul"))
    view = {"store": store_view(store, Shop(name="x"), now, "en")}
    written = Path("definitions/templates/near-store/push.en.yaml").read_text(encoding="utf-8")
    shown = LiquidRenderer()(written, view, False)
    assert says in shown
    assert not_says not in shown.partition("body")[2]
