"""When a store is open, and until when it promises to have an order ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"
MOST_DAYS_AHEAD = 90
"""A store that is closed for longer promises nothing."""


class InvalidHours(ValueError):
    """The text says what to write instead."""


class Span(Struct, frozen=True):
    """From when until when of one day a store is open, in minutes since midnight; the end is excluded."""

    opens: int
    closes: int

    @property
    def text(self) -> str:
        """As people write it: ``10:00-22:00``."""
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


class OpeningHours(Struct, frozen=True):
    """``week``: the span of each day on which the store opens (0 is Monday); ``closed``: days on which it does not, for
    once. Of a store that says no hours nothing is known (``known``)."""

    week: Mapping[int, Span] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()

    @property
    def known(self) -> bool:
        """Whether the store said when it is open."""
        return bool(self.week)

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool | None:
        """Whether it is open at an instant; None if nothing is known of its hours."""
        if not self.known:
            return None
        day = now.astimezone(zone).date()
        span = self.on(day)
        return span is not None and _instant(day, span.opens, zone) <= now < _instant(day, span.closes, zone)

    def until_closed(self, now: datetime, zone: ZoneInfo) -> Span | None:
        """The hours of today; None if it is closed today, or has closed already."""
        day = now.astimezone(zone).date()
        span = self.on(day)
        return None if span is None or now >= _instant(day, span.closes, zone) else span

    def on(self, day: date) -> Span | None:
        """When it is open on this day; None if it is closed."""
        return None if day in self.closed else self.week.get(day.weekday())


def read_span(written: str) -> Span:
    """The span of a text such as ``10:00-22:00``; ``24:00`` is the end of a day.

    Raises
    ------
    InvalidHours
        If it is none, or ends before it begins.
    """
    opens, dash, closes = written.partition("-")
    if not dash:
        raise InvalidHours("must be hours such as 10:00-22:00")
    found = Span(_minutes(opens.strip()), _minutes(closes.strip()))
    if found.closes <= found.opens:
        raise InvalidHours("must end after they begin, such as 10:00-22:00")
    return found


def ready_by(hours: OpeningHours, within: timedelta, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant at which an order of now is ready if preparing it takes ``within`` of the time in which the store is
    open. Without known hours the time counts day and night. None if the store opens too seldom for it."""
    if not hours.known:
        return now + within
    left, day = within, now.astimezone(zone).date()
    for _ in range(MOST_DAYS_AHEAD):
        span = hours.on(day)
        if span is not None:
            begins, ends = (_instant(day, minutes, zone) for minutes in (span.opens, span.closes))
            begins = max(begins, now)
            if ends - begins > timedelta() and ends - begins >= left:
                return begins + left
            left -= max(ends - begins, timedelta())
        day += timedelta(days=1)
    return None


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of the zone show these minutes after the day's midnight."""
    local = datetime.combine(day, time(0)) + timedelta(minutes=minutes)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(written: str) -> int:
    if written == MIDNIGHT:
        return 24 * 60
    try:
        read = time.fromisoformat(written)
    except ValueError as wrong:
        raise InvalidHours("must be hours such as 10:00-22:00") from wrong
    if len(written) != len("10:00"):
        raise InvalidHours("must be hours such as 10:00-22:00")
    return read.hour * 60 + read.minute
