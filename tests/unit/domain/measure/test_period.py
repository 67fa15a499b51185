"""Which days a report is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.measure.period import WrongPeriod, read_period
from tests.support.cases import UNIT

pytestmark = UNIT
ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)  # the 30th in Istanbul


def test_without_days_it_is_the_thirty_that_are_over() -> None:
    """They end yesterday by the shop's calendar."""
    period = read_period("", "", NOW, ISTANBUL)
    assert (period.first, period.last, period.days) == (date(2026, 10, 31), date(2026, 11, 29), 30)
    assert read_period("", "2026-02-10", NOW, ISTANBUL).first == date(2026, 1, 12)


@given(st.dates(date(2001, 1, 1), date(2040, 1, 1)), st.integers(0, 400), st.sampled_from([ISTANBUL, BERLIN]))
def test_the_period_before_ends_where_this_one_begins(first: date, more: int, zone: ZoneInfo) -> None:
    """As many days, whatever the clock does at summer time."""
    last = first + timedelta(days=more)
    period = read_period(first.isoformat(), last.isoformat(), NOW, zone)
    before = period.before()
    assert (before.ends_ms, before.days) == (period.starts_ms, period.days)
    assert datetime.fromtimestamp(period.starts_ms / 1000, zone).date() == first
    assert datetime.fromtimestamp((period.ends_ms - 1) / 1000, zone).date() == last


def test_a_day_has_23_hours_when_the_clock_goes_forward() -> None:
    """The days are those of the time zone."""
    period = read_period("2026-03-29", "2026-03-29", NOW, BERLIN)
    assert period.ends_ms - period.starts_ms == 23 * 3_600_000


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("yesterday", "", "from is no date"),
        ("", "2026-13-01", "to is no date"),
        ("20261101", "", "from is no date"),
        ("2026-W48-1", "", "from is no date"),
        ("2026-11-02T10:00", "", "from is no date"),
        ("2026-11-02", "2026-11-01", "from lies behind to"),
        ("2020-01-01", "2026-11-01", "at most 1100 days"),
        ("0001-01-01", "0001-01-02", "between 2000-01-01"),
        ("9999-12-31", "9999-12-31", "between 2000-01-01"),
    ],
)
def test_wrong_days_are_refused_with_a_sentence(first: str, last: str, sentence: str) -> None:
    """It names the parameter, and repeats nothing of what was sent."""
    with pytest.raises(WrongPeriod, match=sentence):
        read_period(first, last, NOW, ISTANBUL)
