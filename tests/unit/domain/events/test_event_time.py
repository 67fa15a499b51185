"""When something happened (docs/architecture.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event_time import event_time, read_time
from shared.domain.events.refusals import Refused

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def iso(when: datetime) -> str:
    return when.isoformat()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-22T09:00:00.123Z", NOW - timedelta(hours=1) + timedelta(milliseconds=123)),
        ("2026-11-22T12:00:00+03:00", NOW - timedelta(hours=1)),
        ("2026-11-22T09:00:00.123456789Z", NOW - timedelta(hours=1) + timedelta(microseconds=123456)),
        ("2026-11-22T09:00:00", NOW - timedelta(hours=1)),
        ("2026-11-22", NOW - timedelta(hours=10)),
        ("yesterday", None),
        ("", None),
        (True, None),
        ({}, None),
        ("0001-01-01T00:00:00+14:00", None),
        (10**30, None),
        (float("nan"), None),
    ],
)
def test_times_as_clients_write_them(written: object, read: datetime | None) -> None:
    """ISO 8601 in its usual forms, seconds and milliseconds are read; everything else is no time."""
    assert read_time(written) == (
        None if read is None else read if not isinstance(written, int) else read_time(written)
    )


def test_numbers_are_seconds_or_milliseconds() -> None:
    """The same instant in seconds and in milliseconds is the same."""
    assert read_time(1_795_341_600) == read_time(1_795_341_600_000) == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_right_clock_is_believed() -> None:
    """Up to five minutes between sending and receiving correct nothing."""
    given_time = NOW - timedelta(hours=3, seconds=1)
    for skew in (timedelta(), timedelta(minutes=5), timedelta(minutes=-5)):
        assert event_time(iso(given_time), iso(NOW - skew), NOW) == (given_time, True)


@given(
    wrong=st.timedeltas(min_value=timedelta(minutes=6), max_value=timedelta(days=4000)),
    ahead=st.booleans(),
    age=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=30)),
)
def test_a_wrong_clock_is_corrected(wrong: timedelta, ahead: bool, age: timedelta) -> None:
    """A client whose clock is off by any amount ends within half a minute of the truth, in whole milliseconds."""
    clock = NOW + (wrong if ahead else -wrong)
    time, timed = event_time(iso(clock - age), iso(clock), NOW)
    assert timed
    assert abs(time - (NOW - age)) <= timedelta(seconds=30, milliseconds=1)
    assert time.microsecond % 1000 == 0


@given(late=st.timedeltas(min_value=timedelta(), max_value=timedelta(seconds=29)))
def test_a_retry_says_the_same_time(late: timedelta) -> None:
    """An hour's error is corrected by the same whole minutes, though the retry took some seconds longer."""
    wrong = NOW - timedelta(hours=1)
    first = event_time(iso(wrong), iso(wrong), NOW)
    assert event_time(iso(wrong), iso(wrong + timedelta(minutes=2)), NOW + timedelta(minutes=2) + late) == first


def test_without_a_time() -> None:
    """No timestamp: sentAt; none of both: the time of receipt, and it is known to be ours."""
    sent = NOW - timedelta(minutes=1)
    assert event_time(None, iso(sent), NOW) == (sent, True)
    assert event_time(None, None, NOW) == (NOW, False)
    assert event_time(None, "yesterday", NOW) == (NOW, False)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("0001-01-01T00:00:00Z", "before the year 2000"),
        ("1999-12-31T23:59:59Z", "before the year 2000"),
        ("9999-12-31T23:59:59Z", "24 hours in the future"),
        (iso(NOW + timedelta(hours=24, seconds=1)), "24 hours in the future"),
        ("yesterday", "not a time"),
        ([], "not a time"),
    ],
)
def test_impossible_times_are_refused(written: object, why: str) -> None:
    """A time before 2000, more than a day ahead, or none at all is refused with its reason."""
    with pytest.raises(Refused, match=why):
        event_time(written, None, NOW)


def test_a_day_ahead_is_believed() -> None:
    """Exactly 24 hours in the future is still taken."""
    assert event_time(iso(NOW + timedelta(hours=24)), None, NOW)[0] == NOW + timedelta(hours=24)


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", 0])
def test_a_senseless_sent_at_never_breaks(sent_at: object) -> None:
    """A sentAt from another millennium corrects the event out of range, which is refused and no crash."""
    with pytest.raises(Refused):
        event_time(iso(NOW), sent_at, NOW)
