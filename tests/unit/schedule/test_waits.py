"""Steps that wait: for an event, for a time, for an hour of the customer's day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.definitions.release import Release
from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, identify, ist, journey, of, send, sent
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def test_the_moment_that_was_waited_for_does_not_move() -> None:
    """Of two occurrences the first one counts, also if the second is folded before the enrollment looks again."""
    world = of({"wait_for": {"event": "Profile Completed", "at_most": "10d"}}, {"wait": "1d"}, send("thanks"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10))
    world.event("Profile Completed", ist(3, 10))
    world.until(ist(3, 10, 5))
    world.event("Profile Completed", ist(3, 18))
    world.until(ist(10, 10))
    assert sent(world) == [("thanks", ist(4, 10))]


def test_values_of_other_events_are_waited_for_too() -> None:
    """``same: product_id`` on any event: another product does not count."""
    world = World(journeys=(journey(
        journey="back", start={"event": "Product Wanted"}, one_per="product_id",
        steps=[{"wait_for": {"event": "Product Restocked", "same": "product_id", "at_most": "30d"}}, send("back")],
    ),), reachable=EMAIL)  # fmt: skip
    world.event("Product Wanted", ist(2, 10), product_id="p1")
    world.until(ist(3, 10))
    world.event("Product Restocked", ist(3, 10), product_id="p2")
    world.until(ist(4, 10))
    world.event("Product Restocked", ist(4, 10), product_id="p1")
    world.until(ist(8, 10))
    assert sent(world) == [("back", ist(4, 10))]


def test_a_wait_for_that_goes_on_without_the_event() -> None:
    """``otherwise: continue``: the next step counts from the deadline."""
    world = of({"wait_for": {"event": "Never", "at_most": "2d", "otherwise": "continue"}}, {"wait": "2h"}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(4, 12))]


def test_waits_count_from_the_step_before_and_at_from_the_clock() -> None:
    """A send with ``at`` keeps to it, and what follows counts from there."""
    world = of(send("a", at="1h"), {"wait": "2h"}, send("b"), send("c", at="24h"), {"wait": "1d"}, send("d"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(2, 11)), ("b", ist(2, 13)), ("c", ist(3, 10)), ("d", ist(4, 10))]


@pytest.mark.parametrize(
    ("zone", "begun", "expected"),
    [
        ("Europe/Istanbul", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 20, tzinfo=UTC), datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, 20, tzinfo=UTC), datetime(2026, 3, 8, 14, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 4, 15, tzinfo=UTC)),
        ("Mars/Olympus", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 7, tzinfo=UTC)),
    ],
)
def test_ten_o_clock_is_that_of_the_customer(zone: str, begun: datetime, expected: datetime) -> None:
    """Over both changes of the clock in New York, at 45 minutes past in Kathmandu, the shop's if none is known."""
    world = of({"wait": {"until": "10:00"}}, send("a"))
    world.now = begun - timedelta(days=1)
    if zone:
        identify(world, begun - timedelta(hours=1), time_zone=zone)
    world.event("Signed Up", begun)
    world.until(begun + timedelta(days=4))
    assert sent(world) == [("a", expected)]


def test_a_day_of_the_week_is_waited_for() -> None:
    """2 November 2026 is a Monday: the next Thursday, at half past nine."""
    world = of({"wait": {"until": {"time": "09:30", "weekday": ["thu", "sat"]}}}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(5, 9, 30))]


def test_the_active_hour_is_waited_for_and_without_one_the_send_hours() -> None:
    """Who is usually there at 17 o'clock gets it then; of whom nothing is known, when sending is permitted."""
    world = of({"wait": {"until": "active_hour"}}, send("a"))
    for day in (1, 2, 3):
        world.event("Product Viewed", ist(day, 17, 20), product_id="p")
    world.event("Signed Up", ist(4, 8), channel="email")
    world.until(ist(9, 10))
    assert sent(world) == [("a", ist(4, 17))]
    stranger = of({"wait": {"until": "active_hour"}}, send("a"))
    stranger.event("Signed Up", ist(4, 22))
    stranger.until(ist(9, 10))
    assert sent(stranger) == [("a", ist(5, 9))]


@pytest.mark.parametrize(
    ("ends_at", "expected"),
    [
        ("2026-11-02T18:00:00+03:00", [("last", ist(2, 16))]),
        ("2026-11-02T11:00:00+03:00", [("last", ist(2, 10))]),
        ("soon", []),
        (None, []),
        ("0001-01-01T00:00:00+00:00", [("last", ist(2, 10))]),
        ("0001-01-01", []),
    ],
)
def test_an_instant_that_the_event_named_is_waited_for(ends_at: str | None, expected: list[Any]) -> None:
    """Two hours before an offer ends; at once if that is past; an enrollment without such an instant ends."""
    world = of({"wait": {"until": {"property": "ends_at", "before": "2h"}}}, send("last"))
    world.event("Signed Up", ist(2, 10), ends_at=ends_at)
    world.until(ist(5, 10))
    assert sent(world) == expected
    assert ends(world) == (["completed"] if expected else [])


def test_an_enrollment_of_an_old_release_is_woken_by_what_it_waits_for() -> None:
    """The journey was taken out meanwhile: the enrollment goes on by its own release, and at once."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.releases.publish(Release(0, world.shop))
    world.event("Order Shipped", ist(2, 12), order_id="A")
    world.until(ist(2, 13))
    assert sent(world) == [("confirmed", ist(2, 10)), ("shipped", ist(2, 12))]


def test_a_waiting_enrollment_costs_nothing_until_something_comes() -> None:
    """Events that nobody waits for are not even read about; the one that is waited for arms one timer a minute."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.timer_table.usage.reset()
    for minute in range(5):
        world.event("Product Viewed", ist(2, 11, minute), product_id="p")
    assert world.timer_table.usage.requests == 0
    for second in range(3):
        world.event("Order Shipped", ist(2, 12) + timedelta(seconds=second + 1), order_id="A")
    assert world.timer_table.usage.write_units == 3
    assert len([enrollment for enrollment in world.enrollments if enrollment.live]) == 1
    world.until(ist(2, 13))
    assert [step for step, _ in sent(world)] == ["confirmed", "shipped"]
