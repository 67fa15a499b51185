"""The days that a report is about, in the shop's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.identity.keys import milliseconds

USUAL_DAYS = 30
LONGEST_DAYS = 1100
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2999, 12, 31)


class WrongPeriod(ValueError):
    """The days cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a time zone, ``first`` and ``last`` included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def starts_ms(self) -> int:
        """The first instant of the period, in milliseconds since 1970."""
        return _midnight(self.first, self.zone)

    @property
    def ends_ms(self) -> int:
        """The first instant after the period."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def before(self) -> Period:
        """As many days, directly before these."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)


def read_period(first: str, last: str, now: datetime, zone: ZoneInfo) -> Period:
    """The period that ``from`` and ``to`` name.

    Without ``to`` it ends yesterday, because today is not over; without ``from`` it has 30 days.

    Raises
    ------
    WrongPeriod
        If a text is no date, the days are in the wrong order, or there are more than 1,100 of them.
    """
    ends = _date(last, "to") if last else now.astimezone(zone).date() - timedelta(days=1)
    starts = _date(first, "from") if first else ends - timedelta(days=USUAL_DAYS - 1)
    if starts > ends:
        raise WrongPeriod("from lies behind to: name the earlier day as from")
    if (ends - starts).days >= LONGEST_DAYS:
        raise WrongPeriod(f"a report has at most {LONGEST_DAYS} days: name a later from or an earlier to")
    return Period(starts, ends, zone)


def _date(text: str, name: str) -> date:
    try:
        found = date.fromisoformat(text) if _WRITTEN.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise WrongPeriod(f"{name} is no date: write it as 2026-11-30")
    if not _EARLIEST <= found <= _LATEST:
        raise WrongPeriod(f"{name} must lie between 2000-01-01 and 2999-12-31")
    return found


def _midnight(day: date, zone: ZoneInfo) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))
