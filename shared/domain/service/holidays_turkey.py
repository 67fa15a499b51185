"""The public holidays of Turkey, as data.

Which days they are says Law No. 2429 on national and general holidays of 17 March 1981, with the changes of Laws No.
5892 (1 May) and 6752 (15 July). The days of the two religious holidays are those of the calendar that the Presidency of
Religious Affairs (Diyanet) publishes. They move by about eleven days a year and are known for the years below only.
"""

from __future__ import annotations

from datetime import date, time, timedelta

FIRST_YEAR, LAST_YEAR = 2025, 2032
"""The years whose religious holidays are known. After them only the days that the law fixes are kept."""
HALF_DAY = time(13)
"""The day before a religious holiday, and 28 October, are free from one o'clock on."""

_FIXED = ((1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 29))
_EVE_OF_THE_REPUBLIC = (10, 28)
_RAMADAN = (
    date(2025, 3, 30), date(2026, 3, 20), date(2027, 3, 9), date(2028, 2, 26), date(2029, 2, 14), date(2030, 2, 4),
    date(2031, 1, 24), date(2032, 1, 14),
)  # fmt: skip
"""The first of three days."""
_SACRIFICE = (
    date(2025, 6, 6), date(2026, 5, 27), date(2027, 5, 16), date(2028, 5, 5), date(2029, 4, 24), date(2030, 4, 13),
    date(2031, 4, 2), date(2032, 3, 22),
)  # fmt: skip
"""The first of four days."""
_WHOLE = frozenset(
    first + timedelta(days=n)
    for days, firsts in ((3, _RAMADAN), (4, _SACRIFICE))
    for first in firsts
    for n in range(days)
)
_EVES = frozenset(first - timedelta(days=1) for first in (*_RAMADAN, *_SACRIFICE))


def free_from(day: date) -> time | None:
    """From which local time on the day is free: midnight for a whole day, None for a working day.

    >>> free_from(date(2026, 3, 20)), free_from(date(2026, 3, 19)), free_from(date(2026, 3, 18))
    (datetime.time(0, 0), datetime.time(13, 0), None)
    """
    if day in _WHOLE or (day.month, day.day) in _FIXED:
        return time(0)
    if day in _EVES or (day.month, day.day) == _EVE_OF_THE_REPUBLIC:
        return HALF_DAY
    return None
