"""Business hours against an oracle that looks at each minute: also where clocks change, and over holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.service.business_time import BusinessTime, NeverOpen
from shared.domain.service.opening_hours import DAYS, Span, Spans, spans_on
from tests.support.cases import also_long, cases

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Istanbul", "Europe/Berlin", "America/New_York",
    "Australia/Lord_Howe",  # goes forward by half an hour
    "America/Santiago",  # changes at midnight
    "Asia/Kathmandu", "UTC",
)  # fmt: skip
STARTS = (
    datetime(2026, 3, 18, 22, tzinfo=UTC),  # before the end of Ramadan
    datetime(2026, 3, 28, tzinfo=UTC),  # clocks go forward in Europe
    datetime(2026, 10, 24, tzinfo=UTC),  # and back
    datetime(2026, 3, 7, tzinfo=UTC),  # America
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),  # Lord Howe, Santiago
    datetime(2026, 9, 5, tzinfo=UTC),
    datetime(2026, 10, 27, tzinfo=UTC),  # the eve of the Republic
)


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    marks = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return tuple(Span(start * 15, end * 15) for start, end in pairs)


@st.composite
def hours(draw: st.DrawFn) -> tuple[BusinessTime, datetime]:
    week = {day: draw(spans()) for day in DAYS}
    start = draw(st.sampled_from(STARTS)) + draw(st.integers(0, 60 * 60)) * MINUTE
    days = draw(st.dictionaries(st.integers(0, 4).map(lambda n: start.date() + timedelta(days=n)), spans(), max_size=2))
    calendar = draw(st.sampled_from(["turkey", "none"]))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return BusinessTime(zone, lambda day: spans_on(day, week, calendar, days)), start  # type: ignore[arg-type]


def open_at(time: BusinessTime, instant: datetime) -> bool:
    """The oracle: looks at the clock on the wall."""
    local = instant.astimezone(time.zone)
    minute = local.hour * 60 + local.minute
    return any(one.start <= minute < one.end for one in time.spans_of(local.date()))


def added(time: BusinessTime, instant: datetime, minutes: int, most: int) -> datetime | None:
    """The oracle counts minute by minute; None if it is later than it looks."""
    for _ in range(most):
        if minutes == 0:
            return instant
        if open_at(time, instant):
            minutes -= 1
        instant += MINUTE
    return None


@also_long
@cases(20, 1_100)
@given(hours(), st.integers(1, 20 * 60))
def test_what_is_due_in_open_minutes_is_due_when_so_many_were_counted(
    asked: tuple[BusinessTime, datetime], minutes: int
) -> None:
    time, start = asked
    expected = added(time, start, minutes, 4 * 24 * 60)
    if expected is not None:
        assert time.add(start, minutes * MINUTE) == expected


@settings(max_examples=40, deadline=None)
@given(hours(), st.integers(0, 3 * 24 * 60))
def test_it_is_open_when_the_clock_on_the_wall_says_so(asked: tuple[BusinessTime, datetime], later: int) -> None:
    time, start = asked
    instant = start + later * MINUTE
    assert time.is_open(instant) == open_at(time, instant)


@also_long
@cases(13, 1_700)
@given(hours(), st.integers(0, 2 * 24 * 60))
def test_a_closed_period_begins_behind_the_last_open_minute(asked: tuple[BusinessTime, datetime], later: int) -> None:
    time, start = asked
    instant = start + later * MINUTE
    back = next((n for n in range(4 * 24 * 60) if open_at(time, instant - n * MINUTE)), None)
    if back is not None:
        assert time.closed_since(instant) == (None if back == 0 else instant - (back - 1) * MINUTE)


@also_long
@cases(10, 1_200)
@given(hours())
def test_the_next_opening_is_the_first_open_minute(asked: tuple[BusinessTime, datetime]) -> None:
    time, start = asked
    expected = next((at for n in range(5 * 24 * 60) if open_at(time, at := start + n * MINUTE)), None)
    if expected is not None:
        assert time.next_opening(start) == expected


@settings(max_examples=60, deadline=None)
@given(hours(), st.integers(1, 300), st.integers(1, 300))
@example((BusinessTime(ZoneInfo("UTC"), lambda _day: (Span(540, 600),)), STARTS[0]), 60, 1)
def test_more_time_is_never_due_earlier(asked: tuple[BusinessTime, datetime], some: int, more: int) -> None:
    time, start = asked
    try:
        first, second = time.add(start, some * MINUTE), time.add(start, (some + more) * MINUTE)
    except NeverOpen:
        return
    assert start < first < second


def test_a_team_that_is_closed_for_years_is_never_due() -> None:
    with pytest.raises(NeverOpen):
        BusinessTime(ZoneInfo("UTC"), lambda _day: ()).add(STARTS[0], MINUTE)


def test_a_day_that_a_country_left_out_counts_for_nothing() -> None:
    """Samoa had no 30 December 2011."""
    apia = BusinessTime(ZoneInfo("Pacific/Apia"), lambda day: (Span(540, 600),) if day != date(2011, 12, 31) else ())
    thursday = datetime(2011, 12, 29, 9, tzinfo=apia.zone).astimezone(UTC)
    assert apia.add(thursday, 90 * MINUTE) == datetime(2012, 1, 1, 9, 30, tzinfo=apia.zone).astimezone(UTC)
