"""The holidays of Turkey: days that calendars printed, and what follows after the last year that is known."""

from __future__ import annotations

import importlib
from datetime import date, time, timedelta

import pytest

from shared.domain.time.turkish_holidays import (
    FIRST_YEAR,
    HALF_DAY_ENDS,
    LAST_YEAR,
    free_from,
    half_holidays,
    holidays,
)

WHOLE = time(0)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2025, 3, 30), 3), (date(2025, 6, 6), 4), (date(2026, 3, 20), 3), (date(2026, 5, 27), 4),
        (date(2027, 3, 9), 3), (date(2027, 5, 16), 4), (date(2030, 2, 4), 3), (date(2030, 4, 13), 4),
    ],
)  # fmt: skip
def test_a_religious_holiday_begins_at_noon_of_its_eve(first: date, days: int) -> None:
    said = [free_from(first + timedelta(days=n)) for n in range(-1, days)]
    assert said == [HALF_DAY_ENDS, *[WHOLE] * days]
    assert free_from(first - timedelta(days=2)) is None


@pytest.mark.parametrize("day", [(1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 29)])
def test_the_days_of_the_law_are_free_in_every_year(day: tuple[int, int]) -> None:
    assert {free_from(date(year, *day)) for year in (2025, 2032, 2040)} == {WHOLE}


def test_the_eve_of_the_republic_is_free_from_one_o_clock() -> None:
    assert free_from(date(2034, 10, 28)) == HALF_DAY_ENDS


def test_each_known_year_has_both_religious_holidays() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        fixed = {(1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 29)}
        moving = [day for day in days if free_from(day) == WHOLE and (day.month, day.day) not in fixed]
        assert len(moving) >= 5, year
    after = [date(LAST_YEAR + 1, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(free_from(day) is not None for day in after) == 8


def test_the_table_is_that_of_a_maintained_calendar() -> None:
    """The package ``holidays`` has the days of Diyanet too, and marks what it only computed as estimated: no year of
    the table is. Where calendars differ Diyanet's counts, because offices in Turkey close by it."""
    package = importlib.import_module("holidays")
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        found = package.country_holidays("TR", years=year, language="en_US", categories=("public", "half_day"))
        assert not any("estimated" in name for name in found.values()), year
        halves = {day for day, name in found.items() if "from 1pm" in name}
        whole = {day for day, name in found.items() if any("from 1pm" not in one for one in name.split("; "))}
        assert holidays(year) == whole, year
        assert half_holidays(year) == halves - whole, year
