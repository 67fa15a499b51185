"""Turkey's public holidays (Law 2429): fixed days, and the religious ones as Diyanet's calendar has them.

Laws No. 5892 (1 May) and 6752 (15 July) added days. The days of the two feasts move with the moon and are data, as the
Presidency of Religious Affairs (Diyanet) publishes them. Outside of ``FIRST_YEAR`` to ``LAST_YEAR`` only the fixed days
are known, so whoever counts business days counts one too many rather than one too few.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import lru_cache

ZONE = "Europe/Istanbul"
HALF_DAY_ENDS = time(13)
"""On the day before a feast and before the Republic Day the holiday begins at 13:00."""

_FIXED = ((1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 29))
_EVE_OF_REPUBLIC_DAY = (10, 28)
_RAMADAN_FEAST = (
    date(2024, 4, 10), date(2025, 3, 30), date(2026, 3, 20), date(2027, 3, 9), date(2028, 2, 26), date(2029, 2, 14),
    date(2030, 2, 4), date(2031, 1, 24), date(2032, 1, 14),
)  # fmt: skip
"""First days of three."""
_SACRIFICE_FEAST = (
    date(2024, 6, 16), date(2025, 6, 6), date(2026, 5, 27), date(2027, 5, 16), date(2028, 5, 5), date(2029, 4, 24),
    date(2030, 4, 13), date(2031, 4, 2), date(2032, 3, 22),
)  # fmt: skip
"""First days of four."""
FIRST_YEAR, LAST_YEAR = 2024, 2032
"""The years whose feasts are known."""


@lru_cache(maxsize=16)
def holidays(year: int) -> frozenset[date]:
    """The whole days of a year on which offices are closed, weekends left aside."""
    feasts = [
        first + timedelta(days=day)
        for firsts, days in ((_RAMADAN_FEAST, 3), (_SACRIFICE_FEAST, 4))
        for first in firsts
        for day in range(days)
    ]
    return frozenset({date(year, month, day) for month, day in _FIXED} | {one for one in feasts if one.year == year})


@lru_cache(maxsize=16)
def half_holidays(year: int) -> frozenset[date]:
    """The days of a year on which the holiday begins at ``HALF_DAY_ENDS``."""
    eves = {first - timedelta(days=1) for first in (*_RAMADAN_FEAST, *_SACRIFICE_FEAST)}
    found = {date(year, *_EVE_OF_REPUBLIC_DAY)} | {one for one in eves if one.year == year}
    return frozenset(found - holidays(year))


def is_holiday(day: date) -> bool:
    """Whether the whole day is a public holiday."""
    return day in holidays(day.year)


def is_business_day(day: date) -> bool:
    """Monday to Friday without public holidays. A half day counts, so that no deadline is taken too late."""
    return day.weekday() < 5 and not is_holiday(day)


def free_from(day: date) -> time | None:
    """From which local time on the day is free: midnight for a whole day, None for a working day.

    >>> free_from(date(2026, 3, 20)), free_from(date(2026, 3, 19)), free_from(date(2026, 3, 18))
    (datetime.time(0, 0), datetime.time(13, 0), None)
    """
    if is_holiday(day):
        return time(0)
    return HALF_DAY_ENDS if day in half_holidays(day.year) else None
