"""The journey after an order, played through schedule's services on tables in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, ist, journey, sent
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def test_after_an_order_each_message_comes_with_what_happens_to_it() -> None:
    """Confirmed at once, shipped and delivered within a minute of the event, the review three days later."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10, 0), order_id="A")
    world.until(ist(4, 15))
    world.event("Order Shipped", ist(4, 15), order_id="A")
    world.until(ist(6, 12))
    world.event("Order Delivered", ist(6, 12), order_id="A")
    world.until(ist(20, 0))
    assert sent(world) == [
        ("confirmed", ist(2, 10)), ("shipped", ist(4, 15)), ("review", ist(9, 12)),
    ]  # fmt: skip
    assert ends(world) == ["completed"]
    assert world.next_due() is None


def test_two_orders_run_side_by_side_and_the_same_order_never_twice() -> None:
    """One enrollment per order, however often its event comes and whatever became of the enrollment."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.order(ist(2, 10, 5), order_id="B")
    world.order(ist(2, 10, 6), order_id="A")
    world.until(ist(2, 11))
    world.event("Order Shipped", ist(2, 11), order_id="B")
    world.until(ist(2, 12))
    assert [step for step, _ in sent(world)] == ["confirmed", "confirmed", "shipped"]
    assert [enrollment.one for enrollment in world.enrollments] == ["A", "B"]
    world.event("Order Cancelled", ist(2, 12), order_id="A")
    assert ends(world) == ["stopped_order", None]
    world.order(ist(2, 13), order_id="A")
    assert len(world.enrollments) == 2


def test_a_cancelled_order_names_itself_in_the_reason() -> None:
    """The exit rule about the same order says which, and its state."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    world.event("Order Cancelled", ist(2, 11), order_id="A")
    end = world.enrollments[0].end
    assert end is not None
    assert (end.evidence["order"], end.evidence["order_state"]) == ("A", "cancelled")


def test_what_never_comes_ends_the_enrollment_when_its_time_is_over() -> None:
    """Ten days without a parcel: the enrollment ends with the event that it waited for."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(2, 10) + timedelta(days=10))
    assert ends(world) == [None]
    world.until(ist(2, 10) + timedelta(days=10, minutes=1))
    end = world.enrollments[0].end
    assert end is not None
    assert (end.reason, end.at, end.evidence) == (
        "not_happened", ist(2, 10) + timedelta(days=10), {"event": "Order Shipped"},
    )  # fmt: skip


def test_an_event_after_the_deadline_changes_nothing() -> None:
    """What was decided stands: the parcel of the eleventh day is too late for this enrollment."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.until(ist(13, 10))
    world.event("Order Shipped", ist(13, 10), order_id="A")
    world.until(ist(20, 10))
    assert [step for step, _ in sent(world)] == ["confirmed"]


def test_an_open_case_about_the_order_leaves_the_review_out() -> None:
    """A return of this order, not of another one, keeps the review request away, with the reason."""
    for returned, expected in (("A", 2), ("B", 3)):
        world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
        world.order(ist(2, 10), order_id="A")
        for number, name in enumerate(("Order Shipped", "Order Delivered")):
            world.until(ist(3 + number, 10))
            world.event(name, ist(3 + number, 10), order_id="A")
        world.until(ist(5, 10))
        world.event("Return Opened", ist(5, 10), order_id=returned, return_id="R1")
        world.until(ist(12, 10))
        assert len(sent(world)) == expected
        assert (world.reasons().get(("review", "email")) == "unless") is (returned == "A")
