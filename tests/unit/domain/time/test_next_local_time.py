"""Waiting until a time of the customer's day, over changes of the clock, against a look at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.time.local_time import EVERY_DAY, next_local
from tests.support.cases import UNIT, cases

pytestmark = UNIT

ZONES = (
    "Europe/Istanbul", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia",
)  # fmt: skip
TEN = time(10)


def by_force(instant: datetime, zone: ZoneInfo, at: time, weekdays: frozenset[int]) -> datetime:
    """Every minute: the clock shows it, or it has just jumped over it on the same day."""
    here = instant
    before = (here - timedelta(minutes=1)).astimezone(zone)
    while True:
        local = here.astimezone(zone)
        if local.weekday() in weekdays:
            if local.time() == at:
                return here
            if before.date() == local.date() and before.time() < at < local.time():
                return here
        before, here = local, here + timedelta(minutes=1)


@cases(60)
@given(
    st.integers(0, 20 * 365 * 24 * 60).map(lambda since: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=since)),
    st.sampled_from(ZONES),
    st.integers(0, 24 * 60 - 1),
    st.one_of(st.just(EVERY_DAY), st.frozensets(st.integers(0, 6), min_size=1)),
)
@example(datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "America/New_York", 2 * 60 + 30, EVERY_DAY)
@example(datetime(2026, 11, 1, 5, 45, tzinfo=UTC), "America/New_York", 60 + 30, EVERY_DAY)
@example(datetime(2011, 12, 29, 22, 0, tzinfo=UTC), "Pacific/Apia", 10 * 60, frozenset({4}))
@example(datetime(2026, 10, 3, 15, 0, tzinfo=UTC), "Australia/Lord_Howe", 2 * 60 + 15, EVERY_DAY)
def test_the_next_local_moment_is_the_first(
    instant: datetime, name: str, minute: int, weekdays: frozenset[int]
) -> None:
    """Gaps, repeated hours, half-hour changes, a day that a country left out, days of the week."""
    zone, at = ZoneInfo(name), time(minute // 60, minute % 60)
    assert next_local(instant, zone, at, weekdays) == by_force(instant, zone, at, weekdays)


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        (datetime(2026, 11, 2, 7, 0, tzinfo=UTC), "Europe/Istanbul", datetime(2026, 11, 2, 7, tzinfo=UTC)),
        (datetime(2026, 11, 2, 7, 1, tzinfo=UTC), "Europe/Istanbul", datetime(2026, 11, 3, 7, tzinfo=UTC)),
        (datetime(2026, 3, 7, 16, tzinfo=UTC), "America/New_York", datetime(2026, 3, 8, 14, tzinfo=UTC)),
        (datetime(2026, 10, 31, 15, tzinfo=UTC), "America/New_York", datetime(2026, 11, 1, 15, tzinfo=UTC)),
        (datetime(2026, 11, 2, 5, tzinfo=UTC), "Asia/Kathmandu", datetime(2026, 11, 3, 4, 15, tzinfo=UTC)),
    ],
)
def test_ten_o_clock_is_ten_o_clock_there(instant: datetime, zone: str, expected: datetime) -> None:
    """The very minute counts; in New York a day of 23 and one of 25 hours; in Kathmandu at a quarter past in UTC."""
    assert next_local(instant, ZoneInfo(zone), TEN) == expected
