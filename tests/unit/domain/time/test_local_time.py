"""Local send hours over changes of the clock, against a search second by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.definitions.shop import SendHours, Shop
from shared.domain.profile.profile import Cart, Profile, Trait
from shared.domain.time.local_time import last_hour_permitted, next_permitted, zone_of
from tests.support.cases import UNIT, cases

pytestmark = UNIT

DAY = SendHours(start=time(9), end=time(20))
ZONES = (
    "Europe/Istanbul", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
    "Pacific/Apia", "Africa/Casablanca", "Europe/London",
)  # fmt: skip
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def by_force(instant: datetime, zone: ZoneInfo, hours: SendHours) -> datetime:
    """Looks at every whole minute."""
    candidate = instant
    while not hours.start <= candidate.astimezone(zone).time() < hours.end:
        candidate = (candidate + timedelta(minutes=1)).replace(second=0, microsecond=0)
    return candidate


@cases(50)
@given(
    st.timedeltas(timedelta(), timedelta(days=20 * 365)).map(lambda since: datetime(2010, 1, 1, tzinfo=UTC) + since),
    st.sampled_from(ZONES),
    st.integers(0, 22 * 60),
    st.integers(30, 12 * 60),
)
@example(datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "America/New_York", 2 * 60 + 30, 60)
@example(datetime(2026, 11, 1, 5, 45, tzinfo=UTC), "America/New_York", 60, 30)
@example(datetime(2026, 11, 1, 5, 45, tzinfo=UTC), "America/New_York", 30, 60)
@example(datetime(2011, 12, 30, 9, 0, tzinfo=UTC), "Pacific/Apia", 9 * 60, 60)
def test_the_next_permitted_instant_is_the_first(instant: datetime, name: str, start: int, length: int) -> None:
    """Gaps, repeated hours, half-hour changes, and a day that a country left out."""
    end = min(start + length, 23 * 60 + 59)
    hours = SendHours(start=time(start // 60, start % 60), end=time(end // 60, end % 60))
    zone = ZoneInfo(name)
    assert next_permitted(instant, zone, hours) == by_force(instant, zone, hours)


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        (datetime(2026, 11, 2, 17, 30, tzinfo=UTC), "Europe/Istanbul", datetime(2026, 11, 3, 6, tzinfo=UTC)),
        (datetime(2026, 3, 8, 1, tzinfo=UTC), "America/New_York", datetime(2026, 3, 8, 13, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, tzinfo=UTC), "America/New_York", datetime(2026, 11, 1, 14, tzinfo=UTC)),
        (datetime(2026, 11, 2, 15, tzinfo=UTC), "Asia/Kathmandu", datetime(2026, 11, 3, 3, 15, tzinfo=UTC)),
    ],
)
def test_nine_o_clock_is_nine_o_clock_there(instant: datetime, zone: str, expected: datetime) -> None:
    """In Istanbul, in New York over both changes, in Kathmandu at 45 minutes past."""
    assert next_permitted(instant, ZoneInfo(zone), DAY) == expected


def test_the_end_of_the_hours_is_excluded() -> None:
    """19:59:59.999999 is permitted, 20:00 waits for the morning."""
    eight = datetime(2026, 11, 2, 17, tzinfo=UTC)
    zone = ZoneInfo("Europe/Istanbul")
    assert next_permitted(eight - timedelta(microseconds=1), zone, DAY) == eight - timedelta(microseconds=1)
    assert next_permitted(eight, zone, DAY) == eight + timedelta(hours=13)


def profile(trait: str | None = None, device: tuple[str, datetime] | None = None) -> Profile:
    traits = {"time_zone": Trait(trait, NOW, trusted=True)} if trait else {}
    return Profile("u.1", ("u.1",), (), traits, Cart(), (), (), (), {}, {}, time_zone=device)


@pytest.mark.parametrize(
    ("trait", "device", "expected"),
    [
        ("Asia/Tokyo", ("America/New_York", NOW), "Asia/Tokyo"),
        (None, ("America/New_York", NOW - timedelta(days=89)), "America/New_York"),
        (None, ("America/New_York", NOW - timedelta(days=90)), "Europe/Istanbul"),
        ("Mars/Olympus", ("Not a zone", NOW), "Europe/Istanbul"),
        ("../../etc/passwd", None, "Europe/Istanbul"),
        (None, None, "Europe/Istanbul"),
    ],
)
def test_the_zone_is_the_trait_else_the_newest_device_else_the_shop(
    trait: str | None, device: tuple[str, datetime] | None, expected: str
) -> None:
    """A device counts for 90 days, half-open; a name that is no zone is passed over."""
    assert zone_of(profile(trait, device), Shop(name="K"), NOW).key == expected


@cases(100)
@given(
    st.timedeltas(timedelta(), timedelta(days=20 * 365)).map(lambda since: datetime(2010, 1, 1, tzinfo=UTC) + since),
    st.sampled_from(ZONES),
)
@example(datetime(2011, 12, 30, 15, 0, tzinfo=UTC), "Pacific/Apia")
@example(datetime(2026, 11, 1, 5, 45, tzinfo=UTC), "America/New_York")
def test_the_last_permitted_hour_is_permitted_and_the_last(instant: datetime, name: str) -> None:
    """What may be sent at its instant keeps it; else an hour before the hours ended, and no other hours came since."""
    zone = ZoneInfo(name)
    found = last_hour_permitted(instant, zone, DAY)
    assert found <= instant
    assert DAY.start <= found.astimezone(zone).time() < DAY.end
    if DAY.start <= instant.astimezone(zone).time() < DAY.end:
        assert found == instant
        return
    assert found.astimezone(zone).time() == time(19)
    quarters = (found + timedelta(minutes=60 + 15 * n) for n in range(200))
    between = [when for when in quarters if when < instant]
    assert not [when for when in between if DAY.start <= when.astimezone(zone).time() < DAY.end]
