"""What begins an enrollment: events, segments and dates; and what keeps one from beginning."""

from __future__ import annotations

import pytest

from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, ist, journey, send, sent
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def test_properties_of_the_event_are_asked_at_the_start() -> None:
    """``where`` reads the raw event; others of the same name begin nothing."""
    definition = journey(
        journey="x", start={"event": "Product Viewed", "where": {"category": "Shoes", "price": {"at_least": 100}}},
        steps=[send("a", at="24h")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    world.event("Product Viewed", ist(2, 10), product_id="p", category="Hats", price=200)
    world.event("Product Viewed", ist(2, 10), product_id="p", category="shoes", price=99)
    assert world.enrollments == []
    world.event("Product Viewed", ist(2, 10), product_id="p", category="shoes", price=100)
    assert len(world.enrollments) == 1


def test_a_segment_entered_or_left_begins_an_enrollment_once() -> None:
    """By time alone too; the same record twice begins one enrollment."""
    steps = [send("a", at="1h")]
    came = journey(journey="came", start={"entered": "at-risk"}, steps=steps)
    left = journey(journey="left", start={"left": "at-risk"}, steps=steps)
    world = World(journeys=(came, left), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 10), entered="at-risk")
    world.tell()
    assert [(enrollment.journey, enrollment.trigger.name) for enrollment in world.enrollments] == [
        ("came", "Entered at-risk")
    ]
    world.until(ist(3, 10))
    world.flip(ist(3, 10), left="at-risk")
    world.now = ist(3, 10, 1)
    world.tell()
    assert [enrollment.journey for enrollment in world.enrollments] == ["came", "left"]
    world.until(ist(5, 10))
    assert [at for _, at in sent(world)] == [ist(2, 11), ist(3, 11)]


def test_a_new_definition_floods_nobody() -> None:
    """Who is in a segment because its definition is new begins an enrollment only if the journey says ``existing``."""
    steps = [send("a")]
    shy = journey(journey="shy", start={"entered": "vip"}, steps=steps)
    bold = journey(journey="bold", start={"entered": "vip", "existing": True}, steps=steps)
    world = World(journeys=(shy, bold), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 10), entered="vip", backfilled=True)
    assert [enrollment.journey for enrollment in world.enrollments] == ["bold"]


def test_a_birthday_is_congratulated_at_ten() -> None:
    """The day begins the enrollment just after midnight; its clock is ten o'clock of that day, and once a year is
    enough."""
    definition = journey(
        journey="birthday",
        start={"date": "birthday", "at": "10:00"},
        reenter={"after": "300d"},
        steps=[send("a", at="0h")],
    )
    world = World(journeys=(definition,), reachable=EMAIL)
    world.add(ist(1, 9))
    world.flip(ist(2, 0, 17), entered="date-birthday")
    assert world.enrollments[0].started_at == ist(2, 10)
    world.until(ist(3, 0, 17))
    world.flip(ist(3, 0, 17), left="date-birthday")
    world.until(ist(5, 10))
    assert sent(world) == [("a", ist(2, 10))]
    world.flip(ist(5, 10), entered="date-birthday")
    assert len(world.enrollments) == 1


def test_the_same_day_comes_twice_for_who_flies_west_and_is_congratulated_once() -> None:
    """In Istanbul it was her birthday, in New York it is again: the membership ends and begins anew."""
    definition = journey(journey="birthday", start={"date": "birthday", "at": "10:00"}, steps=[send("a")])
    world = World(journeys=(definition,), reachable=EMAIL)
    world.flip(ist(5, 0, 10), entered="date-birthday")
    world.until(ist(6, 0, 10))
    world.flip(ist(6, 0, 10), left="date-birthday")
    world.flip(ist(6, 7, 10), entered="date-birthday")
    world.until(ist(9, 0))
    assert sent(world) == [("a", ist(5, 10))]


@pytest.mark.parametrize("first", ["low", "high"])
def test_a_journey_that_was_stopped_stands_in_nobody_s_way(first: str) -> None:
    """Its enrollments end only when they are looked at, here in twenty days: of the group another begins and acts at
    once."""
    high = journey(
        journey="high", group="g", priority=80, start={"event": "H"}, steps=[{"wait": "20d"}, send("high")]
    )  # fmt: skip
    low = journey(journey="low", group="g", priority=20, start={"event": "L"}, steps=[{"wait": "1d"}, send("low")])
    world = World(journeys=(high, low), reachable=EMAIL)
    world.event("L" if first == "low" else "H", ist(2, 10))
    if first == "low":
        world.event("H", ist(2, 11))
    world.controls.set("high", "stopped", ist(2, 12))
    if first == "high":
        world.event("L", ist(2, 13))
    world.until(ist(8, 10))
    assert [step for step, _ in sent(world)] == ["low"]


def test_of_an_exclusive_group_the_higher_priority_runs() -> None:
    """While one runs, none of lower or equal priority begins; a higher one begins and ends the lower."""
    low, equal, high = (
        journey(journey=name, start={"event": event}, group="offers", priority=priority, steps=[send(name, at="24h")])
        for name, event, priority in (("low", "L", 30), ("equal", "E", 30), ("high", "H", 70))
    )
    world = World(journeys=(low, equal, high), reachable=EMAIL)
    world.event("L", ist(2, 10))
    world.event("E", ist(2, 11))
    assert [enrollment.journey for enrollment in world.enrollments] == ["low"]
    world.event("H", ist(2, 12))
    world.event("L", ist(2, 13))
    assert [enrollment.journey for enrollment in world.enrollments] == ["low", "high"]
    world.until(ist(5, 10))
    assert [step for step, _ in sent(world)] == ["high"]
    assert ends(world) == ["superseded", "completed"]
    assert [request.priority for request in world.handed] == [70]


def test_imported_history_begins_nothing() -> None:
    """An order of last month that was delivered then: every message would be late, so there is no enrollment."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.now = ist(28, 10)
    world.tell = lambda: None  # type: ignore[method-assign]
    for name, day in (("Order Shipped", 3), ("Order Delivered", 5)):
        world.event(name, ist(day, 10), order_id="A")
    del world.tell
    world.order(ist(2, 10), order_id="A")
    assert world.enrollments == []
    assert world.next_due() is None
