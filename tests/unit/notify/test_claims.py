"""A claim is stored where somebody asks about it before the call, and nowhere else; whatever crashes, one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.notify.environment import Environment
from functions.notify.on_queue import work
from functions.notify.service import Notifying, TryAgain
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.journeys.enrollment import Enrollment, Trigger, to_item
from shared.domain.messages.message import Record, Skipped, State
from shared.domain.messages.request import SendRequest
from shared.stores.coupons import CouponCodes
from tests.support.cases import also_long, cases
from tests.support.interleaving import Crash
from tests.support.world import event
from tests.unit.notify.test_competing_enrollments import CLOCK, HOME, PHONE
from tests.unit.notify.test_crashes import Fragile, Fuse
from tests.unit.notify.test_once import ask, corrects, gift, sale
from tests.unit.notify.world import MORNING, SHOP, FakeSender, Shopping, request

pytestmark = pytest.mark.unit


def shopping(**more: Any) -> Shopping:
    shop = Shopping()
    shop.publish(SHOP.model_copy(update={"caps": {}}), **more)
    shop.ayse()
    return shop


def before_the_call(service: Notifying, happens: Callable[[], None]) -> Notifying:
    """The service, and what happens between its last look and its CALLING."""
    calling = service.ledger.calling

    def delayed(claimed: Record, now: datetime) -> Record | None:
        happens()
        return calling(claimed, now)

    service.ledger.calling = delayed  # type: ignore[method-assign]
    return service


def test_a_message_that_goes_out_is_written_twice() -> None:
    """CALLING before the call, SENT after it: two units, and one for its place in the list of the home."""
    shop = shopping()
    shop.messages.usage.reset()
    assert shop.notifying().handle(request("email"), MORNING).state is State.SENT
    assert shop.messages.usage.by_operation == {"get": 1, "put": 2}
    assert shop.messages.usage.write_units == 3


def test_a_message_that_is_not_sent_is_written_once() -> None:
    """The reason and its evidence stand in the first and only write."""
    shop = shopping()
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1))
    shop.messages.usage.reset()
    record = shop.notifying().handle(request("email"), MORNING)
    assert record.outcome == Skipped("no_consent")
    assert shop.messages.usage.by_operation == {"get": 1, "put": 1}
    assert shop.notifying().ledger.get(record.message_id) == record


def test_what_another_attempt_decided_meanwhile_stands() -> None:
    """Two workers with one message: the slower one's decision changes nothing, and gives no place back."""
    shop = shopping()
    slow, wanted = shop.notifying(), request("email")
    decide = slow.ledger.decide

    def overtaken(*asked: Any) -> tuple[Record, bool]:
        assert shop.notifying().handle(wanted, MORNING).state is State.SENT
        return decide(*asked)

    slow.ledger.decide = overtaken  # type: ignore[method-assign,assignment]
    late = request("email", fresh_until_ms=wanted.due_ms - 1)
    assert slow.handle(late, MORNING).state is State.SENT
    assert len(shop.sender.sent) == 1


def test_a_stop_between_the_last_look_and_the_call_is_kept() -> None:
    """Schedule records a skip of what no worker called yet: the worker finds it, and calls nobody."""
    shop = shopping()
    skipped = Skipped("superseded")
    service = shop.notifying()
    before_the_call(service, lambda: _skip(shop, skipped))
    with pytest.raises(TryAgain):
        service.handle(request("email"), MORNING)
    assert shop.notifying().handle(request("email"), MORNING).outcome == skipped
    assert shop.sender.sent == []


def _skip(shop: Shopping, skipped: Skipped) -> None:
    told = shop.notifying().ledger.skip(request("email"), "u.root", skipped, MORNING)
    assert told is not None
    assert told.outcome == skipped


def test_another_message_of_the_campaign_finds_the_claim() -> None:
    """The address was corrected while the first message was about to be called: one of the two goes out."""
    shop = shopping()

    def corrected() -> None:
        corrects(shop, "corrected@example.com")
        assert ask(shop, sale("email"), timedelta(minutes=2)).state is State.SENT

    with pytest.raises(TryAgain):
        before_the_call(shop.notifying(), corrected).handle(sale("email"), MORNING)
    assert [one.address.to for one in shop.sender.sent] == ["corrected@example.com"]


def test_whoever_gives_a_code_back_finds_the_claim() -> None:
    """The step's message on another channel comes to nothing just before this one is called: its code is in use."""
    shop = shopping(coupons=(CouponDefinition(coupon="CART10", codes="imported"),))
    codes = CouponCodes(shop.messages, shop.chance.randrange)
    codes.add("CART10", ["K1"])
    wanted = request("email", **gift(None))

    def stale() -> None:
        late = request("push", **gift(None), fresh_until_ms=wanted.due_ms - 1)
        assert shop.notifying().handle(late, MORNING).outcome == Skipped("stale")

    record = before_the_call(shop.notifying(), stale).handle(wanted, MORNING)
    assert (record.state, record.coupon, codes.left("CART10", 10)) == (State.SENT, "K1", 0)


def test_another_enrollment_of_the_journey_finds_the_claim() -> None:
    """A crash came between the hand-over and its record, so the enrollment does not say that its step is on its way."""
    shop = shopping()
    shop.world.send(event("Product Viewed", ["user:42", "anonymous:phone"], at=MORNING - timedelta(minutes=1)))
    early = CLOCK - timedelta(minutes=30)
    for name, home, at in (("e1", HOME, early), ("e2", PHONE, CLOCK)):
        trigger = Trigger("Product Added", home, "t#1", at)
        shop.customers.put(to_item(Enrollment("cart-recovery", name, home, 1, trigger, at, version=1)))
    first, second = (
        request("email", enrollment=name, home=home, release=2, clock_ms=round(at.timestamp() * 1000))
        for name, home, at in (("e1", HOME, early), ("e2", PHONE, CLOCK))
    )

    def meanwhile() -> None:
        assert shop.notifying().handle(second, MORNING).outcome == Skipped("superseded")

    assert before_the_call(shop.notifying(), meanwhile).handle(first, MORNING).state is State.SENT
    assert len(shop.sender.sent) == 1


class Still:
    """The clock of one invocation."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


BATCH = tuple(request("email", step=step, fresh_until_ms=2**42, release=2) for step in "abc")


def deliver(shop: Shopping, wanted: Iterable[SendRequest], at: datetime, sender: Any = None) -> set[str]:
    """One invocation; the message ids that the queue offers again."""
    bodies = {one.message_id: one.model_dump_json(exclude_none=True) for one in wanted}
    composed = Environment("email", Still(at), shop.notifying(sender=sender))
    records = [{"messageId": name, "body": body} for name, body in bodies.items()]
    return {one["itemIdentifier"] for one in work({"Records": records}, lambda: composed)["batchItemFailures"]}


@also_long
@cases(20, 300)
@given(blows=st.lists(st.integers(1, 40), max_size=4), commercial=st.booleans())
def test_a_batch_that_dies_sends_each_message_once_and_tells_of_it(blows: list[int], commercial: bool) -> None:
    """An invocation may end after any call, before what it sent is told to the log: the queue offers the whole batch
    again, nothing commercial is called twice, and the log tells of exactly what was sent."""
    shop = shopping()
    fuse = Fuse(blows)
    tables = shop.customers, shop.messages
    shop.customers, shop.messages = (Fragile(table, fuse) for table in tables)  # type: ignore[assignment]
    purpose = "marketing" if commercial else "transactional"
    waiting = [one.model_copy(update={"purpose": purpose}) for one in BATCH]
    for attempt in range(20):
        try:
            again = deliver(shop, waiting, MORNING + attempt * timedelta(minutes=10), Dies(shop.sender, fuse))
        except Crash:
            continue
        waiting = [one for one in waiting if one.message_id in again]
    assert waiting == []
    called = [one.message_id for one in shop.sender.sent]
    assert len(called) == len(set(called)) or not commercial
    shop.customers, shop.messages = tables
    service = shop.notifying()
    records = service.ledger.get_many([one.message_id for one in BATCH])
    sent = sorted(name for name, record in records.items() if record.state is State.SENT)
    told = [one for one in shop.world.store.events(HOME) if one.name == "Email Sent"]
    assert sorted(one.properties["message_id"] for one in told) == sent


class Dies:
    """The provider answers, then the environment may die before it hears of it."""

    def __init__(self, real: FakeSender, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def send(self, outgoing: Any) -> Any:
        answer = self._real.send(outgoing)
        self._fuse.burn()
        return answer


def test_a_batch_costs_one_read_and_one_write_for_all() -> None:
    """The ledger is read once, and what was sent is told to the logs in one request."""
    shop = shopping()
    shop.messages.usage.reset()
    shop.world.memory.usage.reset()
    assert deliver(shop, BATCH, MORNING) == set()
    assert shop.messages.usage.by_operation == {"get_many": 1, "put": 6}
    assert shop.world.memory.usage.by_operation["put_many"] == 1
    assert len([one for one in shop.world.store.events(HOME) if one.name == "Email Sent"]) == 3


def test_events_that_could_not_be_stored_are_told_with_the_next_delivery() -> None:
    """The messages that were sent are offered again; they are found sent, and only their events are stored."""
    shop = shopping()
    table = shop.customers
    shop.customers = Failing(table)
    wanted = [*BATCH, request("email", step="d", template="no-such", fresh_until_ms=2**42)]
    again = deliver(shop, wanted, MORNING)
    assert again == {one.message_id for one in BATCH}
    shop.customers = table
    assert deliver(shop, BATCH, MORNING + timedelta(minutes=10)) == set()
    assert len(shop.sender.sent) == 3
    told = [one for one in shop.world.store.events(HOME) if one.name == "Email Sent"]
    assert len(told) == 3
    assert all(one.time == MORNING for one in told)


class Failing:
    """A table that takes no batch of events."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def put_many(self, _items: object) -> None:
        raise ConnectionError("the table does not answer")
