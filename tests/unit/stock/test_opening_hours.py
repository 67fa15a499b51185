"""Opening hours and the promise of a store, compared with counting minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.stock.location import Location
from shared.domain.stock.opening_hours import DAYS, InvalidHours, OpeningHours, Span, read_span, ready_by
from tests.support.cases import cases
from tests.unit.stock.stock_world import StockWorld

pytestmark = pytest.mark.unit
ZONES = (ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))
MINUTE = timedelta(minutes=1)

spans = st.tuples(st.integers(0, 23 * 4), st.integers(1, 96)).map(
    lambda pair: Span(pair[0] * 15, min(24 * 60, (pair[0] + pair[1]) * 15))
)
weeks = st.dictionaries(st.integers(0, 6), spans, min_size=1, max_size=7)


def counted(hours: OpeningHours, within: timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """Minute by minute: open minutes are counted until they are enough."""
    left, at = within, now
    while left:
        local = at.astimezone(zone)
        span = hours.on(local.date())
        if span is not None and span.opens <= local.hour * 60 + local.minute < span.closes:
            left -= MINUTE
        at += MINUTE
    return at


@cases(60)
@given(
    weeks,
    st.integers(1, 20 * 60),
    st.integers(0, 7 * 24 * 60),
    st.sampled_from((datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC))),
    st.sampled_from(ZONES),
    st.sets(st.integers(0, 4), max_size=2),
)
def test_the_promise_counts_open_minutes(
    week: dict[int, Span], within: int, later: int, begin: datetime, zone: ZoneInfo, shut: set[int]
) -> None:
    """Also over the nights in which clocks change. (A span that lies in the hour that clocks skip or repeat is read by
    the clock on the wall, which the counting knows nothing of: no store opens then.)"""
    week = {day: span for day, span in week.items() if span.opens >= 4 * 60}
    if not week:
        return
    now = begin + later * MINUTE
    closed = frozenset(now.date() + timedelta(days=1 + one) for one in shut)
    hours = OpeningHours(week, closed)
    promised = ready_by(hours, within * MINUTE, now, zone)
    if promised is None:
        assert len(week) == 1
        return
    assert promised == counted(hours, within * MINUTE, now, zone)


def test_a_store_that_says_no_hours() -> None:
    """Time counts day and night; a store that never opens promises nothing, and so does one that prepares nothing."""
    now = datetime(2026, 11, 29, 20, tzinfo=UTC)
    assert ready_by(OpeningHours(), timedelta(hours=2), now, ZONES[0]) == now + timedelta(hours=2)
    never = OpeningHours({0: Span(600, 660)}, frozenset(date(2026, 11, 30) + timedelta(weeks=n) for n in range(20)))
    assert ready_by(never, timedelta(hours=2), now, ZONES[0]) is None
    assert Location("x", pickup=True).ready_by(now, ZONES[0]) is None
    assert Location("x", ready_within=timedelta(hours=1)).ready_by(now, ZONES[0]) is None


@pytest.mark.parametrize(
    "written", ["", "10-22", "10:00", "22:00-10:00", "10:00-10:00", "25:00-26:00", "1:00-2:00", "10:00:30-12:00"]
)
def test_hours_that_are_none(written: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidHours):
        read_span(written)


def test_a_location_says_where_it_is_and_when_it_is_open() -> None:
    """What was said comes back, also by the table; the levels of a sku promise a time, and the pick-up's event too."""
    world = StockWorld()  # it is Monday
    said: dict[str, Any] = {
        "label": "Kadıköy", "pickup": True, "city": "İstanbul", "address": "Bahariye Cad. 1", "ready_within": "2h",
        "opening": dict.fromkeys(DAYS[:5], "10:00-22:00"), "closed": ["2027-01-01"],
    }  # fmt: skip
    status, shown = world.ask("PUT", "/v1/locations/kadikoy", said)
    assert status == 200
    assert {name: shown[name] for name in said} == {**said, "ready_within": "120m"}
    world.clock.advance(timedelta(minutes=2))
    assert world.get("/v1/locations")[1]["items"] == [shown]
    world.post(
        "/v1/stock/movements", {"key": "in", "kind": "receipt", "location": "kadikoy", "sku": "j", "quantity": 2}
    )
    zone = ZoneInfo("Europe/Istanbul")
    expected = world.environment.locations.all()["kadikoy"].ready_by(world.clock.now(), zone)
    (row,) = world.get("/v1/stock/j")[1]["locations"]
    assert expected is not None
    assert datetime.fromisoformat(row["ready_by"]) == expected
    wanted = {"key": "P", "customer": "user:42", "location": "kadikoy", "sku": "j", "quantity": 1}
    assert world.post("/v1/stock/pickups", wanted)[0] == 200
    (told,) = world.events()
    assert datetime.fromisoformat(str(told.properties["ready_by"])) == expected
    assert told.properties["location_address"] == "Bahariye Cad. 1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"opening": []}, {"opening": {"monday": "10:00-22:00"}}, {"opening": {"mon": "10"}}, {"opening": {"mon": 7}},
        {"closed": "2026-01-01"}, {"closed": ["soon"]}, {"closed": [5]}, {"closed": ["2026-01-01"] * 61},
        {"ready_within": "0m"}, {"ready_within": "15d"}, {"ready_within": 2}, {"city": "x" * 61}, {"address": "\u202e"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_a_location(wrong: dict[str, Any]) -> None:
    """400 with a sentence, and the location stays as it was."""
    world = StockWorld()
    assert world.ask("PUT", "/v1/locations/x", wrong)[0] == 400
    assert world.get("/v1/locations")[1]["items"] == []


@given(st.integers(0, 7 * 24 * 60))
def test_a_store_is_open_within_its_hours(minute: int) -> None:
    """The last minute is not among them, a closed day has none; what is over today is no hours of today any more."""
    zone = ZoneInfo("Europe/Istanbul")
    hours = OpeningHours({0: read_span("10:00-22:00"), 1: read_span("00:00-24:00")}, frozenset({date(2026, 12, 8)}))
    now = datetime(2026, 12, 7, tzinfo=zone) + timedelta(minutes=minute)
    at = now.hour * 60 + now.minute
    opens = {date(2026, 12, 7): (600, 1320), date(2026, 12, 14): (600, 1320)}.get(now.date())
    assert hours.is_open(now, zone) is (opens is not None and opens[0] <= at < opens[1])
    left = hours.until_closed(now, zone)
    assert (left is not None) == (opens is not None and at < opens[1])
    assert OpeningHours().is_open(now, zone) is None
