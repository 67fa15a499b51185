"""A message lay in the queue while its customer turned out to be one with another enrollment of the same journey."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from functions.notify.send_context import SendContextReader
from shared.domain.definitions.shop import Cap
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.enrollment import End, Enrollment, HandedOver, Trigger, to_item
from shared.domain.messages.evidence import item
from shared.domain.messages.message import Outcome, Skipped, State
from shared.stores.journey_controls import JourneyControls
from tests.support.world import KEYS, event
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit

HOME = KEYS(parse_identifier("user:42"))
PHONE = KEYS(parse_identifier("anonymous:phone"))
CLOCK = MORNING - timedelta(hours=1)


@pytest.fixture
def shop() -> Shopping:
    """Ayşe, and the phone that is hers since a minute ago; the reminder of each enrollment was handed over for
    e-mail."""
    made = Shopping()  # no caps: they would answer first
    made.publish(SHOP.model_copy(update={"caps": {}}))
    made.ayse()
    made.world.send(event("Product Viewed", ["user:42", "anonymous:phone"], at=MORNING - timedelta(minutes=1)))
    return made


def enroll(
    shop: Shopping,
    name: str,
    home: str,
    started: datetime,
    *,
    handed: bool,
    end: End | None = None,
    clock: datetime = CLOCK,
    version: int = 1,
) -> None:
    steps = {"reminder": HandedOver(("email",), MORNING, clock)} if handed else {}
    trigger = Trigger("Product Added", home, "t#1", started)
    made = Enrollment("cart-recovery", name, home, 1, trigger, started, steps=steps, version=version, end=end)
    shop.customers.put(to_item(made))


def outcome(shop: Shopping, name: str, home: str, clock: datetime = CLOCK) -> Outcome | State | None:
    milliseconds = round(clock.timestamp() * 1000)
    record = shop.notifying().handle(
        request("email", enrollment=name, home=home, clock_ms=milliseconds, release=2), MORNING
    )
    return record.outcome if isinstance(record.outcome, Skipped) else record.state


def test_what_the_other_enrollment_said_meanwhile_is_not_said_again(shop: Shopping) -> None:
    """Whoever is first at the provider has spoken."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, CLOCK - timedelta(hours=1), handed=True)
    assert outcome(shop, "e2", PHONE, CLOCK - timedelta(hours=1)) is State.SENT
    assert outcome(shop, "e1", HOME) == Skipped("already_said")
    assert len(shop.sender.sent) == 1


def test_of_two_on_their_way_the_one_by_the_earlier_clock_goes(shop: Shopping) -> None:
    """Whichever worker asks first; the other is told that its enrollment does not act."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, CLOCK + timedelta(minutes=20), handed=True)
    assert outcome(shop, "e2", PHONE, CLOCK + timedelta(minutes=20)) == Skipped("superseded")
    assert outcome(shop, "e1", HOME) is State.SENT


def test_the_enrollment_that_acts_instead_is_named(shop: Shopping) -> None:
    """With the time at which it began, and that both are of one journey."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, CLOCK + timedelta(minutes=20), handed=True)
    found = outcome(shop, "e2", PHONE, CLOCK + timedelta(minutes=20))
    assert isinstance(found, Skipped)
    assert found.evidence == (item("run", "cart-recovery#e1", CLOCK, because="same_journey"),)


def test_an_enrollment_that_has_nothing_to_say_yet_keeps_nobody_back(shop: Shopping) -> None:
    """It began earlier, and reached nobody so far."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, CLOCK - timedelta(hours=5), handed=False)
    assert outcome(shop, "e1", HOME) is State.SENT


def test_one_that_ended_without_a_word_does_not_matter(shop: Shopping) -> None:
    """Its cart was emptied before the first message."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, CLOCK - timedelta(hours=5), handed=False, end=End("stopped_cart_empty", MORNING))
    assert outcome(shop, "e1", HOME) is State.SENT


def test_an_enrollment_alone_costs_no_request_more(shop: Shopping) -> None:
    """The ledger is asked about others only if there are any."""
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    shop.messages.usage.reset()
    assert outcome(shop, "e1", HOME) is State.SENT
    alone = shop.messages.usage.by_operation.get("get_many", 0)
    assert alone == 0


def test_two_workers_at_once_send_one(shop: Shopping, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither enrollment says yet that it handed its step over, and both workers read before either claims: the place
    under the caps is reserved by version, so the second reads again, and finds the first."""
    shop.publish(SHOP.model_copy(update={"caps": {"marketing": Cap(per_7d=9)}}))
    enroll(shop, "e1", HOME, CLOCK, handed=False)
    enroll(shop, "e2", PHONE, CLOCK, handed=False)
    first, second = (
        request("email", enrollment=name, home=home, release=3) for name, home in (("e1", HOME), ("e2", PHONE))
    )
    read, worker = SendContextReader.read, shop.notifying()
    before = iter([worker.contexts.read(second, MORNING)])
    assert shop.notifying().handle(first, MORNING).state is State.SENT
    monkeypatch.setattr(SendContextReader, "read", lambda *asked: next(before, None) or read(*asked))
    assert worker.handle(second, MORNING).outcome == Skipped("already_said")
    assert len(shop.sender.sent) == 1


def test_an_enrollment_whose_exit_rule_holds_keeps_nobody_back(shop: Shopping) -> None:
    """Ordered between the two carts: the first enrollment is over, although nobody noticed; the later cart is reminded
    of."""
    shop.send("Order Completed", at=CLOCK - timedelta(minutes=1), order_id="o1", products=[{"product_id": "z"}])
    early = CLOCK - timedelta(minutes=30)
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    enroll(shop, "e2", PHONE, early, handed=True, clock=early)
    assert outcome(shop, "e1", HOME) is State.SENT
    assert outcome(shop, "e2", PHONE, early) == Skipped("stopped_ordered")


def test_what_was_stopped_by_hand_is_of_another_story(shop: Shopping) -> None:
    """The old enrollment spoke, and lives until its next step; the journey was stopped and runs again: the new one
    speaks."""
    early = CLOCK - timedelta(hours=2)
    enroll(shop, "e2", HOME, early, handed=True, clock=early)
    assert outcome(shop, "e2", HOME, early) is State.SENT
    controls = JourneyControls(shop.catalog)
    controls.set("cart-recovery", "stopped", CLOCK - timedelta(hours=1))
    controls.set("cart-recovery", "running", CLOCK - timedelta(minutes=30))
    enroll(shop, "e1", HOME, CLOCK, handed=True)
    assert outcome(shop, "e1", HOME) is State.SENT


def test_a_message_that_waits_wakes_its_enrollment(shop: Shopping) -> None:
    """By a timer of the state that the enrollment is in: one of an earlier state may count as left over."""
    enroll(shop, "one", HOME, CLOCK, handed=True, version=7)
    evening = MORNING + timedelta(hours=10, minutes=30)
    wanted = request("email", enrollment="one", home=HOME, release=2, due=evening)
    assert shop.notifying().handle(wanted, evening).state is State.DEFERRED
    assert [(armed["revision"], armed["step"]) for armed in shop.timers.items()] == [(7, "reminder")]
