"""Beside each other, after a stop, again and again: which enrollments begin, and which act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.definitions.release import Release
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.random_assignment import held_out
from shared.domain.journeys.start_limits import MOST_LIVE, MOST_PUBLIC
from shared.domain.segments.definition import SegmentDefinition
from tests.support.world import event
from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, ist, journey, send, sent
from tests.unit.schedule.whole import Whole
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def two(first: int = 50, second: int = 50) -> World:
    """Two journeys of one group, each with a message soon and one in days."""
    a = journey(journey="a", start={"event": "A"}, group="g", priority=first, steps=[send("a1"), send("a2", at="3d")])
    b = journey(
        journey="b", start={"event": "B"}, group="g", priority=second, steps=[send("b1", at="1h"), send("b2", at="2d")]
    )  # fmt: skip
    return World(journeys=(a, b), reachable=EMAIL)


def test_a_late_event_of_equal_priority_begins_nothing_beside_an_enrollment() -> None:
    """It is dated before the other began, and the till told it after: the one that speaks goes on."""
    world = two()
    world.event("A", ist(2, 10))
    world.until(ist(2, 10, 30))
    world.event("B", ist(2, 9, 55))
    world.until(ist(8, 10))
    assert [step for step, _ in sent(world)] == ["a1", "a2"]


def test_while_the_higher_of_a_group_is_paused_the_lower_waits() -> None:
    """Nobody gets both, and none is lost for a pause: running again, the higher ends it; stopped, it goes on."""
    for then, expected in (("running", {"a"}), ("stopped", {"b"})):
        world = two(80, 20)
        world.event("B", ist(2, 10))
        world.event("A", ist(2, 10, 10))
        world.controls.set("a", "paused", ist(2, 10, 10))
        world.until(ist(2, 15))
        assert sent(world) == []
        assert [enrollment.live for enrollment in world.enrollments] == [True, True]
        world.controls.set("a", then, ist(2, 15))  # type: ignore[arg-type]
        world.until(ist(9, 10))
        assert {step[0] for step, _ in sent(world)} == expected


def test_what_was_stopped_stays_stopped_when_the_journey_runs_again() -> None:
    """The enrollment's next step lay beyond the stop; an enrollment of after that is a new one."""
    definition = journey(journey="a", start={"event": "A"}, one_per="n", steps=[send("a1"), send("a2", at="3d")])
    world = World(journeys=(definition,), reachable=EMAIL)
    world.event("A", ist(2, 10), n="1")
    world.until(ist(2, 11))
    world.controls.set("a", "stopped", ist(2, 11))
    world.until(ist(3, 11))
    world.controls.set("a", "running", ist(3, 11))
    world.event("A", ist(3, 12), n="2")
    world.until(ist(9, 10))
    assert sent(world) == [("a1", ist(2, 10)), ("a1", ist(3, 12)), ("a2", ist(6, 12))]
    assert ends(world) == ["journey_stopped", "completed"]


class Told(Whole):
    """Segmentation and schedule, and somebody who says things now."""

    count = 0

    def tells(self, name: str, *who: str, trusted: bool = True, context: Any = None, **said: Any) -> None:
        self.count += 1
        self.say(
            event(name, who, at=self.now, id=f"m{self.count}", trusted=trusted, claims=who[1:], context=context, **said)
        )


def of(*journeys: JourneyDefinition) -> Told:
    return Told(journeys=journeys, reachable=EMAIL, now=ist(2, 10))


def steps_of(world: World) -> list[str]:
    return [step for step, _, _ in world.sent]


def test_who_signs_in_enters_nothing_again() -> None:
    """A member by e-mail, welcomed weeks ago, makes an account: the same person, in the segment all the time."""
    world = of(journey(journey="vip", start={"entered": "buyers"}, steps=[send("hi")]))
    buyers = SegmentDefinition.model_validate({"segment": "buyers", "who": {"orders": {"at_least": 1}}})
    world.publish(Release(0, world.shop, segments=(buyers,), journeys=world.journeys))
    world.tells("Order Completed", "email:a@b.example", order_id="o1", products=[{"product_id": "p", "quantity": 1}])
    world.until(ist(20, 10))
    world.tells("Product Viewed", "user:1", "email:a@b.example", product_id="p")
    world.until(ist(25, 10))
    world.tells("Order Completed", "user:1", order_id="o2", products=[{"product_id": "p", "quantity": 1}])
    world.until(ist(28, 10))
    assert steps_of(world) == ["hi"]


def test_a_program_that_opens_a_link_begins_no_enrollment() -> None:
    """A scanner's click is none of a person (docs/definitions.md#the-segment-engaged); a person's begins it."""
    world = of(journey(journey="x", start={"event": "Email Link Clicked"}, steps=[send("hi")]))
    world.tells("Email Link Clicked", "user:1", context={"userAgent": "Barracuda Sentinel (EE)"})
    world.until(ist(3, 10))
    assert steps_of(world) == []
    world.tells("Email Link Clicked", "user:1", context={"userAgent": "Mozilla/5.0 (iPhone)"})
    world.until(ist(4, 10))
    assert steps_of(world) == ["hi"]


def test_an_order_that_is_told_again_next_season_is_confirmed_once() -> None:
    """Its enrollment is forgotten by then; that it was completed long ago is not, on whatever identifier it is told."""
    world = of(journey(POST_PURCHASE))
    world.tells("Order Completed", "user:1", order_id="A", products=[{"product_id": "p"}])
    world.tells("Product Viewed", "user:1", "loyalty:L1", product_id="p")
    world.until(ist(2, 10) + timedelta(days=120))
    for item in list(world.customers.items()):
        if item.get("expires", world.now.timestamp()) < world.now.timestamp():
            world.customers.delete(item["pk"], item["sk"])
    world.stream.clear()
    assert world.everybodys_enrollments == []
    world.tells("Order Completed", "loyalty:L1", order_id="A", products=[{"product_id": "p"}])
    world.until(world.now + timedelta(days=1))
    assert steps_of(world) == ["confirmed"]


def test_a_page_begins_few_enrollments_in_an_hour() -> None:
    """A confirmation needs no consent: whoever knows a write key and a user must not fill a mailbox with it."""
    world = of(journey(POST_PURCHASE))
    for number in range(20):
        world.tells("Order Completed", "user:1", trusted=False, order_id=f"o{number}")
    world.tells("Order Completed", "user:1", order_id="real")
    world.until(ist(2, 12))
    assert len(steps_of(world)) == MOST_PUBLIC + 1


def test_the_enrollments_of_a_journey_are_bounded() -> None:
    """Every one of them is read with every event of the customer."""
    definition = journey(
        journey="back", start={"event": "Product Wanted"}, one_per="product_id",
        steps=[{"wait_for": {"event": "Product Restocked", "same": "product_id", "at_most": "30d"}}, send("back")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    for number in range(MOST_LIVE + 20):
        world.event("Product Wanted", ist(2, 10), product_id=f"p{number}")
    assert len(world.enrollments) == MOST_LIVE


def test_an_order_that_nobody_called_completed_is_waited_for() -> None:
    """The journey begins with a payment; the parcel is still that of the same order."""
    shipped = {"wait_for": {"event": "Order Shipped", "same": "order_id", "at_most": "10d"}}
    definition = journey(journey="x", start={"event": "Order Paid"}, one_per="order_id", steps=[shipped, send("a")])
    world = World(journeys=(definition,), reachable=EMAIL)
    world.event("Order Paid", ist(2, 10), order_id="A")
    world.until(ist(3, 10))
    world.event("Order Shipped", ist(3, 10), order_id="B")
    world.until(ist(4, 10))
    world.event("Order Shipped", ist(4, 10), order_id="A")
    world.until(ist(20, 10))
    assert sent(world) == [("a", ist(4, 10))]


def test_a_day_that_is_greeted_a_year_ahead_returns() -> None:
    """What is the same day told twice ends before the next year's begins."""
    definition = journey(
        journey="b", start={"date": "birthday", "at": "10:00", "before": "364d"}, reenter={"after": "330d"},
        steps=[send("hi")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    first = ist(5, 0, 10)
    world.flip(first, entered="date-b")
    world.until(ist(8, 0))
    world.flip(first + timedelta(days=300), left="date-b")
    world.flip(first + timedelta(days=365), entered="date-b")
    world.until(world.now + timedelta(days=3))
    assert len(world.sent) == 2


def test_a_step_in_front_deals_nobody_anew() -> None:
    """A holdout without a name is the first of the journey, wherever it stands; else a test would be mixed up."""

    def dealt(*front: dict[str, Any]) -> set[str]:
        made = journey(journey="x", start={"event": "S"}, steps=[*front, {"holdout": {"percent": 50}}, send("a")])
        return held_in(made)

    assert dealt() == dealt({"note": "n"}) == dealt({"wait": "1d"}, {"note": "n"})
    assert 60 < len(dealt()) < 140


def held_in(made: JourneyDefinition) -> set[str]:
    """Those of 200 customers whose walk goes on behind the holdout."""
    [holdout] = [one for one in made.plan.all if one.path.startswith("steps") and "holdout" in one.id]
    return {f"u.{n}" for n in range(200) if not held_out(50, f"u.{n}", "x", holdout.dealt)}


def test_a_cart_that_changed_after_the_week_is_a_new_story_although_its_event_is_older() -> None:
    """Re-entry is asked of the cart as it is; an enrollment that began so is not ended for the event that was read
    first."""
    definition = journey(
        journey="c", start={"when": "cart_changed"}, reenter={"after": "7d"}, steps=[send("a", at="1h")]
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 12))
    ended: datetime = ist(2, 11)
    tell, world.tell = world.tell, lambda: None  # type: ignore[method-assign]
    world.add(ended + timedelta(days=7) - timedelta(minutes=1), "p2")
    change = world.change
    world.add(ended + timedelta(days=7, minutes=1), "p3")  # folded, and its own write of customer is still to come
    world.change, world.tell = change, tell  # type: ignore[method-assign]
    world.tell()
    world.until(ended + timedelta(days=8))
    assert steps_of(world) == ["a", "a"]


def test_a_stop_is_compared_by_our_own_clock() -> None:
    """The till told an order of before the stop after it: confirmed. A phone's clock runs ahead of a stop: ended."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.controls.set("post-purchase", "stopped", ist(2, 11))
    world.controls.set("post-purchase", "running", ist(2, 12))
    world.now = ist(2, 20)
    world.order(ist(2, 10, 30), order_id="A")
    world.until(ist(4, 10))
    assert steps_of(world) == ["confirmed"]

    ahead = of(journey(journey="a", start={"event": "A"}, steps=[send("a1"), send("a2", at="3d")]))
    ahead.say(event("A", ["user:1"], at=ist(2, 10, 4), id="m", trusted=True))
    ahead.controls.set("a", "stopped", ist(2, 10, 2))
    ahead.controls.set("a", "running", ist(2, 10, 3))
    ahead.until(ist(9, 10))
    assert steps_of(ahead) == []


@pytest.mark.parametrize("stops", [False, True])
def test_a_stop_makes_nobody_forget_what_ended_before(stops: bool) -> None:
    """A date that is corrected by a day, and re-entry: both count enrollments of before the stop."""
    birthday = journey(journey="b", start={"date": "birthday", "at": "10:00"}, steps=[send("hi", fresh_for="14h")])
    again = journey(journey="a", start={"event": "A"}, reenter={"after": "30d"}, steps=[send("a1")])
    world = World(journeys=(birthday, again), reachable=EMAIL)
    world.flip(ist(5, 0, 10), entered="date-b")
    world.event("A", ist(5, 9))
    world.until(ist(6, 0))
    for state in ("stopped", "running") if stops else ():
        for name in ("a", "b"):
            world.controls.set(name, state, ist(6, 0))
    world.flip(ist(6, 0, 5), left="date-b")
    world.flip(ist(6, 0, 10), entered="date-b")
    for day in range(6, 10):
        world.event("A", ist(day, 10))
        world.until(ist(day, 20))
    assert sorted(steps_of(world)) == ["a1", "hi"]
    assert len(world.enrollments) == 2


def test_what_was_stopped_does_not_silence_the_next_enrollment() -> None:
    """It lives until its next step, twenty days on, but its story is over."""
    definition = journey(journey="a", start={"event": "A"}, steps=[send("a1"), send("a2", at="20d")])
    world = World(journeys=(definition,), reachable=EMAIL)
    world.event("A", ist(2, 10))
    world.until(ist(2, 11))
    world.controls.set("a", "stopped", ist(2, 11))
    world.controls.set("a", "running", ist(3, 11))
    world.event("A", ist(15, 12))
    world.until(ist(30, 10))
    assert sent(world) == [("a1", ist(2, 10)), ("a1", ist(15, 12))]


def test_whoever_agreed_may_ask_for_as_much_as_he_likes() -> None:
    """The bound of pages is for messages that need no consent."""
    definition = journey(
        journey="back", start={"event": "Product Wanted"}, one_per="product_id",
        steps=[{"wait_for": {"event": "Product Restocked", "same": "product_id", "at_most": "30d"}}, send("back")],
    )  # fmt: skip
    world = of(definition)
    for number in range(MOST_PUBLIC + 3):
        world.tells("Product Wanted", "user:1", trusted=False, product_id=f"p{number}")
    assert len(world.everybodys_enrollments) == MOST_PUBLIC + 3


@pytest.mark.parametrize(("days", "said"), [(0, ["hi"]), (4, [])])
def test_what_a_browser_entered_unheard_is_said_to_who_signs_up(days: int, said: list[str]) -> None:
    """Nobody could reach the browser; the account can be reached, and enters what the browser was in. What it entered
    days ago is not news any more."""
    world = of(journey(journey="hi", start={"entered": "lookers"}, steps=[send("hi")]))
    looked = {"event": {"name": "Product Viewed", "at_least": 2, "within": "30d"}}
    lookers = SegmentDefinition.model_validate({"segment": "lookers", "who": looked})
    world.publish(Release(0, world.shop, segments=(lookers,), journeys=world.journeys))
    world.reachable = frozenset()
    for product in ("p", "q"):
        world.tells("Product Viewed", "anonymous:a1", product_id=product)
    world.until(world.now + timedelta(days=days, hours=2))
    world.reachable = EMAIL
    world.tells("Product Viewed", "user:1", "anonymous:a1", product_id="p")
    world.until(world.now + timedelta(days=4))
    assert steps_of(world) == said
