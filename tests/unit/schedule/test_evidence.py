"""A step that schedule leaves out, and an enrollment that it ends, say what made it so, in the enrollment and in the
ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.schedule.customer_enrollments import CustomerEnrollments
from shared.domain.identity.keys import event_id, time_text
from shared.domain.journeys.enrollment import Enrollment, SkippedStep, from_item, to_item
from shared.domain.messages.message import Skipped
from shared.domain.messages.request import message_id
from shared.ports import Conflict
from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ist, journey, of, send
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def ledger_of(world: World, step: str) -> Skipped:
    enrollment = world.enrollments[0]
    found = world.ledger.get(message_id(enrollment.home, enrollment.journey, enrollment.id, step, "email"))
    assert found is not None
    assert isinstance(found.outcome, Skipped)
    return found.outcome


def passed(world: World, step: str) -> SkippedStep:
    found = world.enrollments[0].steps[step]
    assert isinstance(found, SkippedStep)
    return found


def test_a_review_that_is_left_out_names_the_return() -> None:
    """Which one, of which order, since when: what the issue was missing."""
    world = World(journeys=(journey(POST_PURCHASE.replace("[preferred, email]", "[email]")),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.event("Order Shipped", ist(3, 10), order_id="A")
    world.event("Order Delivered", ist(4, 10), order_id="A")
    world.event("Return Opened", ist(5, 10), order_id="A", return_id="R-7")
    world.until(ist(20, 0))
    wanted = ({"kind": "case", "id": "R-7", "at": time_text(ist(5, 10)), "case": "return", "order": "A"},)
    assert ledger_of(world, "review").reason == "unless"
    assert ledger_of(world, "review").evidence == wanted
    assert passed(world, "review").found == wanted
    assert from_item(to_item(world.enrollments[0])).steps["review"] == passed(world, "review")


def test_a_step_that_piled_up_names_the_message_that_goes_instead() -> None:
    """The later step, by the id of its message."""
    world = of(send("a", at="1h"), send("b", at="2h"))
    world.event("Signed Up", ist(2, 21))
    world.until(ist(4, 0))
    enrollment = world.enrollments[0]
    kept = message_id(enrollment.home, "x", enrollment.id, "b", "email")
    assert ledger_of(world, "a").reason == "piled_up"
    assert ledger_of(world, "a").evidence == (
        {"kind": "message", "id": kept, "at": time_text(ist(2, 23)), "step": "b"},
    )


def test_a_step_that_came_too_late_says_when_it_was_due() -> None:
    """And until when it was fresh."""
    world = of(send("a", at="1h", fresh_for="2h"), send("b", at="30h"))
    world.event("Signed Up", ist(2, 9, 30))
    world.now = ist(2, 14)
    world.tick()
    assert ledger_of(world, "a").reason == "stale"
    due = ist(2, 10, 30)
    assert ledger_of(world, "a").evidence == (
        {"kind": "deadline", "at": time_text(due), "fresh_until": time_text(due + timedelta(hours=2))},
    )


EVENT = {
    "kind": "event", "id": event_id("m2", trusted=True), "at": time_text(ist(2, 10, 30)), "event": "Order Completed",
}  # fmt: skip
ORDER = {"kind": "order", "id": "o1", "at": time_text(ist(2, 10, 30)), "channel": "store", "state": "completed"}


@pytest.mark.parametrize(
    ("rule", "reason", "found"),
    [
        ({"ordered": {"since": "clock"}}, "stopped_ordered", (ORDER,)),
        ({"ordered": {"within": "7d"}}, "stopped_ordered", (ORDER,)),
        ({"orders": {"at_least": 1}}, "stopped", (ORDER,)),
        ({"event": {"name": "Order Completed"}}, "stopped", (EVENT,)),
        ({"not": {"not": {"ordered": {"since": "clock"}}}}, "stopped_ordered", (ORDER,)),
        ({"all": [{"orders": {"at_least": 1}}, {"ordered": {"since": "clock"}}]}, "stopped_ordered", (ORDER,)),
        ({"any": [{"in_segment": "vip"}, {"ordered": {"since": "clock"}}]}, "stopped_ordered", (ORDER,)),
    ],
)  # fmt: skip
def test_an_exit_rule_says_what_made_it_true(
    rule: dict[str, Any], reason: str, found: tuple[dict[str, str], ...]
) -> None:
    """In the enrollment that ends and in the message that would have come next."""
    stop = {"stop_when": rule}
    world = of(send("a", at="2h"), **stop)
    world.event("Signed Up", ist(2, 10))
    world.order(ist(2, 10, 30))
    world.until(ist(3, 0))
    end = world.enrollments[0].end
    assert end is not None
    assert (end.reason, tuple(end.found)) == (reason, found)
    assert from_item(to_item(world.enrollments[0])).end == end
    assert ledger_of(world, "a").evidence == found


def test_the_cart_is_named_with_the_time_of_its_last_change() -> None:
    """It was emptied, so there is nothing in it to name."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.remove(ist(2, 10, 30))
    world.until(ist(3, 0))
    end = world.enrollments[0].end
    assert end is not None
    assert end.reason == "stopped_cart_empty"
    assert end.found == ({"kind": "cart", "at": time_text(ist(2, 10, 30)), "products": "0"},)


def test_an_order_is_named_as_the_shop_calls_it() -> None:
    """Shopify's ``#1001``, in the enrollment and in the message."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="#1001")
    world.event("Order Cancelled", ist(2, 12), order_id="#1001")
    enrollment = world.enrollments[0]
    assert enrollment.one == "#1001"
    assert enrollment.end is not None
    assert (enrollment.end.reason, enrollment.end.evidence["order"]) == ("stopped_order", "#1001")
    assert enrollment.end.found[0]["id"] == "#1001"


def test_a_cart_that_an_order_emptied_names_the_order() -> None:
    """Not the change of the cart before it."""
    rule = {"stop_when": {"cart": {"items": {"exactly": 0}}}}
    world = of(send("a", at="2h"), **rule)
    world.add(ist(2, 9))
    world.event("Signed Up", ist(2, 10))
    world.order(ist(2, 10, 30), "p1")
    end = world.enrollments[0].end
    assert end is not None
    assert (end.reason, end.found) == ("stopped_cart_empty", (ORDER,))
    assert ledger_of(world, "a").evidence == (ORDER,)


@pytest.mark.parametrize(
    ("name", "state", "when"),
    [("Order Cancelled", "cancelled", "cancelled_at"), ("Order Refunded", "fully_refunded", "refunded_at")],
)
def test_an_order_that_was_cancelled_or_refunded_says_when(name: str, state: str, when: str) -> None:
    """Beside the time of the order itself."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10))
    world.event(name, ist(2, 12), order_id="o1")
    [enrollment] = world.enrollments
    assert enrollment.end is not None
    assert enrollment.end.found == (
        {
            "kind": "order", "id": "o1", "at": time_text(ist(2, 10)), "channel": "store", "state": state,
            when: time_text(ist(2, 12)),
        },
    )  # fmt: skip


def test_a_journey_that_was_stopped_by_hand_says_when() -> None:
    """In the enrollment and in the message that would have come next, also if the journey runs again."""
    world = of(send("a", at="1h"), send("b", at="24h"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(2, 12))
    world.controls.set("x", "stopped", ist(2, 12))
    world.controls.set("x", "running", ist(2, 13))
    world.until(ist(4, 0))
    end = world.enrollments[0].end
    wanted = ({"kind": "switch", "id": "x", "at": time_text(ist(2, 12))},)
    assert end is not None
    assert (end.reason, end.found) == ("journey_stopped", wanted)
    assert (ledger_of(world, "b").reason, ledger_of(world, "b").evidence) == ("journey_stopped", wanted)


def two_of_a_group() -> World:
    """The customer is in ``low``, and two hours later in ``high``, which goes first."""
    low, high = (
        journey(journey=name, start={"event": name}, group="offers", priority=priority, steps=[send("a", at="24h")])
        for name, priority in (("low", 30), ("high", 70))
    )
    world = World(journeys=(low, high), reachable=EMAIL)
    world.event("low", ist(2, 10))
    world.event("high", ist(2, 12))
    return world


def test_an_enrollment_that_ends_for_another_names_it() -> None:
    """With its time and why it goes first, in the enrollment and in the message that would have come next."""
    world = two_of_a_group()
    world.until(ist(5, 10))
    ended, acting = world.enrollments
    wanted = ({"kind": "run", "id": acting.ref, "at": time_text(ist(2, 12)), "because": "same_group"},)
    assert ended.end is not None
    assert (ended.end.reason, ended.end.found) == ("superseded", wanted)
    assert (ledger_of(world, "a").reason, ledger_of(world, "a").evidence) == ("superseded", wanted)
    assert [one.step for one in world.deliveries] == ["a"]


def test_an_enrollment_that_was_changed_before_it_ended_records_no_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is decided again, and may still send: a step that is recorded as skipped would never go out."""
    world = two_of_a_group()
    store = world.scheduling.store

    def changed(before: Enrollment, after: Enrollment, customer: CustomerEnrollments) -> Enrollment:
        if after.end is not None and after.end.reason == "superseded":
            raise Conflict("changed")
        return store(before, after, customer)

    monkeypatch.setattr(world.scheduling, "store", changed)
    world.now = ist(3, 10)
    world.tick()
    enrollment = world.enrollments[0]
    assert enrollment.live
    assert world.ledger.get(message_id(enrollment.home, enrollment.journey, enrollment.id, "a", "email")) is None
