"""The hours in which somebody is active, counted again from the raw visits (docs/definitions.md#time-zone)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.profile.active_hours import ActiveHour, active_hours
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event, later

pytestmark = UNIT
ISTANBUL = ZoneInfo("Europe/Istanbul")
SHOP = Shop(name="Test")


def profile(events: Sequence[Event]) -> Profile:
    return profile_of("u.x", ("u.x",), (), fold(Facts(), events, features()))


VISITS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 9, 10, 20, 21, 22, 23])), max_size=20)


@cases(40)
@given(VISITS, st.sampled_from(["Europe/Istanbul", "America/New_York", "Asia/Tokyo"]))
def test_active_hours_are_those_with_two_active_days(visits: list[tuple[int, int]], zone: str) -> None:
    """Counted on the customer's own clock; the best three, with the number of days as evidence."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    moments = [start + timedelta(days=day, hours=hour, minutes=30) for day, hour in visits]
    events = [event("Page Viewed", ["user:1"], at=at, id=f"v{place}") for place, at in enumerate(moments)]
    days: dict[int, set[date]] = defaultdict(set)
    for at in moments:
        days[at.astimezone(ZoneInfo(zone)).hour].add(at.astimezone(ZoneInfo(zone)).date())
    expected = [ActiveHour(hour, len(seen)) for hour, seen in days.items() if len(seen) > 1]
    expected.sort(key=lambda one: (-one.days, one.hour))
    assert list(active_hours(profile(events), ZoneInfo(zone), NOW)) == expected[:3]


def test_reactions_are_no_visits_and_old_habits_are_forgotten() -> None:
    """An open at three in the morning is none of his hours, and what he did 180 days ago is none any more."""
    opens = [
        event("Email Opened", ["user:1"], at=later(days=-day, hours=-7), id=f"m{day}", trusted=True) for day in (1, 2)
    ]
    opens = [replace(one, channel="email") for one in opens]
    old = [event("Page Viewed", ["user:1"], at=later(days=-day), id=f"o{day}") for day in (181, 182, 183)]
    assert active_hours(profile([*opens, *old]), ISTANBUL, NOW) == ()
