"""Two enrollments of one journey, begun by identifiers that turn out to be one customer: nobody hears a step twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from functions.schedule.fire_timer import Tally, Work
from shared.domain.identity.keys import time_text
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.messages.request import SendRequest
from shared.ports import Conflict
from shared.stores.timers import Arming, Timer
from tests.support.world import event
from tests.unit.schedule.short_journeys import journey, send
from tests.unit.schedule.whole import Whole
from tests.unit.schedule.world import CART_RECOVERY, World

pytestmark = pytest.mark.unit
EMAIL = frozenset({"email"})
WEB, USER = "anonymous:a1", "user:1"


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:{minute:02}:00+03:00")


class CompetingEnrollments:
    """A browser and a user; ``link`` makes them one."""

    def __init__(self, *journeys: JourneyDefinition) -> None:
        self.world = Whole(journeys=journeys or (CART_RECOVERY,), reachable=frozenset(), now=ist(2, 9))
        self.count = 0

    def say(self, at: datetime, name: str, *who: str, reach: frozenset[str] | None = None, **properties: Any) -> None:
        """``reach``: whom messages reach from the moment before this on."""
        self.world.until(at)
        if reach is not None:
            self.world.reachable = reach
        self.count += 1
        said = event(name, who, at=at, id=f"m{self.count}", trusted=True, claims=who[1:], **properties)
        self.world.say(said)

    def cart(self, at: datetime, who: str, product: str) -> None:
        self.say(at, "Product Added", who, product_id=product, quantity=1)

    def link(self, at: datetime) -> None:
        self.say(at, "Product Viewed", USER, WEB, product_id="p1")

    def sent(self, until: datetime) -> list[tuple[str, datetime]]:
        self.world.until(until)
        assert self.world.failures.bodies == []
        return [(one.request.step, one.at) for one in self.world.sendings]

    def ends(self) -> dict[str, str | None]:
        """By the product that began it, how each enrollment ended."""
        return {
            enrollment.home[:2] + enrollment.ref: enrollment.end.reason if enrollment.end else None
            for enrollment in self.world.everybodys_enrollments
        }


def test_who_was_reminded_is_not_reminded_for_the_cart_that_began_before() -> None:
    """The browser's enrollment is the earlier and reached nobody; the user's sent the reminder, and goes on by its
    clock."""
    two = CompetingEnrollments()
    two.cart(ist(2, 10), WEB, "p1")
    two.cart(ist(2, 10, 30), USER, "p2")
    two.world.until(ist(2, 11, 15))
    two.world.reachable = EMAIL
    two.link(ist(2, 12))
    assert two.sent(ist(20, 0)) == [("reminder", ist(2, 11, 30)), ("offer", ist(3, 10, 30)), ("last", ist(5, 10, 30))]
    assert sorted(two.ends().values(), key=str) == ["completed", "superseded"]


def test_both_were_reminded_and_one_of_them_goes_on() -> None:
    """Each had its reminder as a person of its own; the offer comes once, by the earlier of the frozen clocks."""
    two = CompetingEnrollments()
    two.world.reachable = EMAIL
    two.cart(ist(2, 10), WEB, "p1")
    two.cart(ist(2, 10, 30), USER, "p2")
    two.cart(ist(2, 10, 50), WEB, "p3")
    two.link(ist(2, 13))
    later = two.sent(ist(20, 0))[2:]
    assert later == [("offer", ist(3, 10, 30)), ("last", ist(5, 10, 30))]


def test_what_came_late_on_the_other_enrollment_does_not_come_again() -> None:
    """The browser's offer waits for its cap while the user's went out: linked then, only the last one is left."""
    two = CompetingEnrollments()
    two.world.reachable = EMAIL
    two.cart(ist(2, 10), WEB, "p1")
    two.cart(ist(2, 12), USER, "p2")
    two.world.until(ist(3, 9, 30))
    two.world.caps_until = ist(3, 18)  # the browser's offer of ten o'clock is put off
    two.world.until(ist(3, 11))
    two.world.caps_until = None
    two.world.until(ist(3, 13))
    two.link(ist(3, 14))
    assert two.sent(ist(20, 0)) == [
        ("reminder", ist(2, 11)), ("reminder", ist(2, 13)), ("offer", ist(3, 12)), ("last", ist(5, 12)),
    ]  # fmt: skip


def test_an_enrollment_that_ended_has_said_what_it_said() -> None:
    """The browser got two messages, then its cart was emptied; the user got one. Linked: the offer came already."""
    two = CompetingEnrollments()
    two.world.reachable = EMAIL
    two.cart(ist(2, 10), WEB, "p1")
    two.cart(ist(3, 9), USER, "p2")
    two.say(ist(3, 11), "Product Removed", WEB, product_id="p1")
    two.link(ist(3, 12))
    assert two.sent(ist(20, 0)) == [
        ("reminder", ist(2, 11)), ("offer", ist(3, 10)), ("reminder", ist(3, 10)), ("last", ist(6, 9)),
    ]  # fmt: skip
    assert two.world.reasons()["offer", "email"] == "already_said"


def test_who_was_reminded_twice_is_not_written_to_on_a_third_channel() -> None:
    """Both reminders went to phones; that the first was not answered is no reason for an e-mail then."""
    two = CompetingEnrollments()
    two.world.reachable = frozenset({"push", "email"})
    two.cart(ist(2, 10), WEB, "p1")
    two.cart(ist(2, 10, 30), USER, "p2")
    two.link(ist(2, 11, 40))
    two.sent(ist(3, 9))
    assert [(one.request.step, one.request.channel) for one in two.world.sendings] == [("reminder", "push")] * 2


def test_an_enrollment_that_would_not_have_begun_ends_unheard() -> None:
    """The user's enrollment ended with three messages; a cart of the browser three days later, that reached nobody, is
    his."""
    two = CompetingEnrollments()
    two.world.reachable = EMAIL
    two.cart(ist(2, 10), USER, "p2")
    two.world.until(ist(6, 10))
    two.world.reachable = frozenset()
    two.cart(ist(8, 10), WEB, "p1")
    two.world.until(ist(8, 10, 30))
    two.world.reachable = EMAIL
    two.link(ist(8, 10, 40))
    assert [step for step, _ in two.sent(ist(20, 0))] == ["reminder", "offer", "last"]
    assert sorted(two.ends().values(), key=str) == ["completed", "superseded"]
    [before, after] = sorted(two.world.everybodys_enrollments, key=lambda enrollment: enrollment.started_at)
    assert before.end is not None
    assert after.end is not None
    [why] = after.end.found
    assert (why["id"], why["because"]) == (before.ref, "too_soon_again")
    assert why["ended_at"] == time_text(before.end.at)


def test_after_the_time_of_reentry_it_is_a_new_story() -> None:
    """Eight days after the last message: the browser's cart gets its own."""
    two = CompetingEnrollments()
    two.world.reachable = EMAIL
    two.cart(ist(2, 10), USER, "p2")
    two.world.until(ist(14, 9))
    two.cart(ist(14, 10), WEB, "p1")
    two.link(ist(14, 10, 40))
    assert [step for step, _ in two.sent(ist(25, 0))] == ["reminder", "offer", "last"] * 2


def test_an_order_told_to_two_is_confirmed_to_each_and_goes_on_once() -> None:
    """The till knows the card, the shop the user; both are told of it before they are one. It is shipped once."""
    steps = [
        send("confirmed", purpose="transactional"),
        {"wait_for": {"event": "Order Shipped", "same": "order_id", "at_most": "10d", "otherwise": "end"}},
        send("shipped", purpose="transactional"),
    ]
    two = CompetingEnrollments(
        journey(journey="post", start={"event": "Order Completed"}, one_per="order_id", steps=steps)
    )
    two.world.reachable = EMAIL
    two.say(ist(2, 10), "Order Completed", USER, order_id="K-1")
    two.say(ist(2, 10, 5), "Order Completed", "loyalty:L1", order_id="K-1")
    two.say(ist(2, 11), "Product Viewed", USER, "loyalty:L1", product_id="p1")
    two.say(ist(3, 10), "Order Shipped", USER, order_id="K-1")
    assert [step for step, _ in two.sent(ist(20, 0))] == ["confirmed", "confirmed", "shipped"]


def test_two_that_look_at_each_other_at_once_do_not_both_end() -> None:
    """One worker reads while the user's message is on its way, the other after it came to nothing: to each the other
    one acts. The version of the acting enrollment rises first, so one of the two looks again."""
    definition = journey(
        journey="a", start={"event": "A"}, steps=[send("a1", at="1h", fresh_for="2h"), send("a2", at="2d")]
    )  # fmt: skip
    two = CompetingEnrollments(definition)
    world = two.world
    two.say(ist(2, 10), "A", WEB)
    two.say(ist(2, 10, 30), "A", USER)
    world.until(ist(2, 11, 20))
    held, real = list[SendRequest](), world.send
    world.send = held.append  # type: ignore[method-assign,assignment]
    world.until(ist(2, 11, 40))
    two.link(ist(2, 11, 45))
    world.now = ist(2, 11, 46)
    web, user = sorted(world.everybodys_enrollments, key=lambda enrollment: enrollment.started_at)

    def looked_at(enrollment: Enrollment) -> Work:
        timer = world.timers.armed(Arming("journey", world.now, enrollment.home, enrollment.ref, enrollment.version))
        work = world.firer._decide(timer, world.now, held=False)
        world.firer._write_out(work)
        return work

    one = looked_at(web)
    world.send = real  # type: ignore[method-assign]
    for request in held:
        real(request)
    left: list[Timer] = []
    try:
        works = [one, looked_at(user)]
    except Conflict:
        works = [one]
    for work in works:
        world.firer._carry_out([work], world.now, Tally(), left)
    world.timers.arm_many([Arming("journey", world.now, enrollment.home, enrollment.ref) for enrollment in (web, user)])
    world.reachable = EMAIL
    assert [step for step, _ in two.sent(ist(20, 0))] == ["a2"]


def test_of_two_that_reached_nobody_the_one_with_more_to_say_acts() -> None:
    """The browser's follow-up came to nothing before the link; the user's is still to come, and so is what follows."""
    definition = journey(
        journey="b", start={"event": "Looked"}, reenter={"after": "14d"},
        steps=[send("f", at="24h", fresh_for="24h"), send("g", at="5d")],
    )  # fmt: skip
    two = CompetingEnrollments(definition)
    two.say(ist(2, 10), "Looked", WEB)
    two.say(ist(3, 9, 30), "Looked", USER)
    two.world.until(ist(3, 11))
    two.world.reachable = EMAIL
    two.link(ist(3, 12))
    assert [step for step, _ in two.sent(ist(20, 0))] == ["f", "g"]


def test_an_enrollment_that_ended_in_silence_costs_no_request() -> None:
    """Ordered before the reminder, and a new cart the same week: the ledger is asked about the new enrollment only."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 8))
    world.until(ist(2, 8, 10))
    world.order(ist(2, 8, 10), "p1")
    world.until(ist(2, 10))
    world.add(ist(2, 10), "p3")
    world.now = ist(2, 11)
    world.messages.usage.reset()
    world.ticking.drain(world.now, owner="w", until=ist(2, 11, 1), time_left=lambda: True)
    assert [enrollment.end.reason if enrollment.end else None for enrollment in world.enrollments] == [
        "stopped_ordered",
        None,
    ]
    assert world.messages.usage.by_operation == {"get_many": 1}
