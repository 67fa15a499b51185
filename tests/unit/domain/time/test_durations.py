"""Durations: exact, and honest about what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.time.durations import InvalidDuration, describe_duration, duration_text, parse_duration

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "hours"), [("60m", 1), ("25h", 25), ("0h", 0), ("3d", 72), ("2w", 336), (" 90d ", 2160)]
)
def test_what_is_written_is_exact(text: str, hours: int) -> None:
    """Minutes, hours, days of 24 hours, weeks."""
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "minutes"), [("1h30m", 90), ("3h40m", 220), ("2d12h", 3600), ("1w1d1h1m", 11_581), ("0h5m", 5)]
)
def test_units_may_stand_together(text: str, minutes: int) -> None:
    """The largest unit first, each at most once."""
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["30m1h", "1h1h", "1h 30m", "1h30", "1h30s", "h", "", " "])
def test_other_orders_and_gaps_are_no_durations(text: str) -> None:
    """A typing error is told, not guessed."""
    with pytest.raises(InvalidDuration):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "turkish", "english"),
    [
        ("3h40m", "3 saat 40 dakika", "3 hours 40 minutes"),
        ("90m", "90 dakika", "90 minutes"),
        ("2h1m", "2 saat 1 dakika", "2 hours 1 minute"),
        ("2d12h", "60 saat", "60 hours"),
    ],
)
def test_compound_durations_are_said_in_hours_and_minutes(text: str, turkish: str, english: str) -> None:
    """Hours and minutes from two hours on; what a person can read at once stays in one unit."""
    duration = parse_duration(text)
    assert (describe_duration(duration, "tr"), describe_duration(duration, "en")) == (turkish, english)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("6mo", "write 180d"),
        ("3 months", "write 90d"),
        ("1M", "write 30d"),
        ("2y", "write 730d"),
        ("6 ay", "write 180d"),
    ],
)
def test_months_and_years_are_refused_with_the_remedy(text: str, remedy: str) -> None:
    """They differ in length; the error says the days to write."""
    with pytest.raises(InvalidDuration) as refused:
        parse_duration(text)
    assert refused.value.remedy == remedy


@pytest.mark.parametrize("text", ["", "h", "1.5h", "-1h", "٣h", "1" * 400 + "h", "4000d", "1 h"])
def test_anything_else_is_refused(text: str) -> None:
    """No guess is made about what was meant."""
    with pytest.raises(InvalidDuration):
        parse_duration(text)


@given(st.integers(0, 500_000))
def test_writing_and_reading_are_inverse(minutes: int) -> None:
    """A definition that is dumped and read again says the same."""
    assert parse_duration(duration_text(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


def test_words() -> None:
    """As people say it, singular and plural."""
    assert [describe_duration(parse_duration(text), "en") for text in ("1h", "72h", "7d", "90m")] == [
        "1 hour", "72 hours", "7 days", "90 minutes",
    ]  # fmt: skip
    assert describe_duration(parse_duration("24h"), "tr") == "24 saat"
