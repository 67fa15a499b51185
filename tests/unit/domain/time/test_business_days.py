"""Business days of Turkey: holidays by the law, deadlines against counting day by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.time.business_days import add_business_days, subtract_business_days
from shared.domain.time.turkish_holidays import half_holidays, holidays, is_business_day

ISTANBUL = ZoneInfo("Europe/Istanbul")
_FIRST, _LAST = datetime(2024, 1, 1), datetime(2030, 11, 30)  # noqa: DTZ001  hypothesis wants bounds without a zone
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))


def test_the_holidays_of_2026() -> None:
    """Seven fixed days, three of the feast of Ramadan, four of the feast of sacrifice."""
    assert sorted(holidays(2026)) == [
        date(2026, 1, 1), date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 22), date(2026, 4, 23),
        date(2026, 5, 1), date(2026, 5, 19), date(2026, 5, 27), date(2026, 5, 28), date(2026, 5, 29),
        date(2026, 5, 30), date(2026, 7, 15), date(2026, 8, 30), date(2026, 10, 29),
    ]  # fmt: skip
    assert half_holidays(2026) == {date(2026, 3, 19), date(2026, 5, 26), date(2026, 10, 28)}


@pytest.mark.parametrize(
    ("said", "days", "due"),
    [
        ("2026-11-27T10:00", 3, "2026-12-02T10:00"),  # Friday to Wednesday
        ("2026-11-28T10:00", 3, "2026-12-02T10:00"),  # Saturday
        ("2026-10-28T23:59", 3, "2026-11-03T23:59"),  # over the Republic Day and a weekend
        ("2026-05-25T09:00", 3, "2026-06-02T09:00"),  # over the feast of sacrifice
        ("2026-11-30T09:00", 0, "2026-11-30T09:00"),
    ],
)
def test_deadlines(said: str, days: int, due: str) -> None:
    """The day itself does not count; weekends and holidays are passed over."""
    start = datetime.fromisoformat(said).replace(tzinfo=ISTANBUL)
    assert add_business_days(start, days) == datetime.fromisoformat(due).replace(tzinfo=ISTANBUL)


@given(moment=MOMENTS, days=st.integers(0, 8))
def test_against_counting_every_day(moment: datetime, days: int) -> None:
    """As many business days lie behind the moment's day up to the deadline's as were asked for, and backwards."""
    for end, step in (
        (add_business_days(moment, days), 1), (subtract_business_days(moment, days), -1),
    ):  # fmt: skip
        local, late = moment.astimezone(ISTANBUL), end.astimezone(ISTANBUL)
        assert local.time() == late.time()
        passed = [local.date() + timedelta(days=step * one) for one in range(1, abs((late - local).days) + 1)]
        assert sum(map(is_business_day, passed)) == days
        assert days == 0 or is_business_day(late.date())
