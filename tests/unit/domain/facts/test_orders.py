"""Orders out of events: completions, refunds and cancellations, whatever came first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.facts.orders import MAX_REFUNDS
from shared.domain.profile.profile import Order
from tests.support.cases import UNIT
from tests.support.world import NOW, event
from tests.unit.domain.facts.histories import at, of, shown

pytestmark = UNIT


def order(*events: Event) -> Order:
    [only] = shown(*events).orders
    return only


DONE = at(5, "Order Completed", order_id="o", total=100, currency="try", products=[{"product_id": "a"}])


def test_an_order_is_the_same_whatever_came_first() -> None:
    """Refund, update, shipping and cancellation wait for their order and apply to it."""
    refund = at(0, "Order Refunded", order_id="o", total=30)
    assert shown(refund).orders == ()
    assert (order(refund, DONE).state, order(refund, DONE).refunded) == ("completed", Decimal(30))
    update = at(1, "Order Updated", order_id="o", total=80)
    assert order(update, DONE).total == Decimal(100)
    assert order(DONE, at(9, "Order Updated", order_id="o", total=80)).total == Decimal(80)
    cancelled = order(at(0, "Order Cancelled", order_id="o"), DONE)
    assert (cancelled.state, cancelled.cancelled_at) == ("cancelled", NOW)
    assert order(at(8, "Order Shipped", order_id="o"), DONE).shipped_at == NOW + timedelta(minutes=8)


def test_the_time_of_an_order_is_that_of_its_first_completion() -> None:
    """A second Order Completed of the same id (a till that reports again) makes no second order."""
    again = at(50, "Order Completed", order_id="o", total=90)
    assert (order(DONE, again).at, order(DONE, again).total) == (NOW + timedelta(minutes=5), Decimal(90))


@pytest.mark.parametrize("name", ["#1001", "TR 2026/15", "Sipariş-7", "x" * 100])
def test_an_order_keeps_the_id_that_the_shop_gave_it(name: str) -> None:
    """People look for it: Shopify's ``#1001`` is shown as it is."""
    done = at(0, "Order Completed", order_id=name)
    assert order(done).id == name
    assert order(done, at(1, "Order Cancelled", order_id=f" {name} ")).state == "cancelled"


def test_a_number_is_the_same_id_with_and_without_a_point() -> None:
    """JSON of one sender has 1001, of another 1001.0, of a third the text: one order."""
    told = [at(n, "Order Completed", order_id=name, total=10) for n, name in enumerate((1001, 1001.0, "1001"))]
    assert order(*told).id == "1001"


def test_ids_that_are_written_differently_are_different() -> None:
    """Nobody can say whether a shop counts them as one, and a wrong merge cannot be undone."""
    names = ["A", "a", "1001", "#1001", "01001"]
    events = [at(n, "Order Completed", order_id=name, total=10) for n, name in enumerate(names)]
    assert len(fold(Facts(), events, features()).orders) == 5


@pytest.mark.parametrize("name", ["x" * 101, "ş" * 51, "a\x1fb", "a\nb", "\ud800", "~abc"])
def test_an_id_that_is_long_or_cannot_be_printed_is_a_digest(name: str) -> None:
    """It is 27 characters then, and the same every time. What looks like a digest is none."""
    done = at(0, "Order Completed", order_id=name)
    assert (len(order(done).id), order(done).id[0]) == (27, "~")
    assert order(done).id != name
    assert order(done, at(1, "Order Cancelled", order_id=name)).state == "cancelled"


def test_refunds_add_up() -> None:
    """Several refunds sum; one that comes again under its id does not; the whole sum is fully refunded, never more."""
    parts = [at(n, "Order Refunded", order_id="o", total=40, refund_id=f"r{n}") for n in (6, 7)]
    assert (order(DONE, *parts).refunded, order(DONE, *parts).state) == (Decimal(80), "completed")
    same = at(8, "Order Refunded", order_id="o", total=40, refund_id="r7")
    assert order(DONE, *parts, same).refunded == Decimal(80)
    more = at(9, "Order Refunded", order_id="o", total=40)
    assert (order(DONE, *parts, more).refunded, order(DONE, *parts, more).state) == (Decimal(100), "fully_refunded")


def test_a_refund_without_a_sum() -> None:
    """It is that of its products, and without prices the whole order."""
    some = at(6, "Order Refunded", order_id="o", products=[{"product_id": "a", "price": "12.5", "quantity": 2}])
    assert order(DONE, some).refunded == Decimal(25)
    assert order(DONE, at(6, "Order Refunded", order_id="o")).state == "fully_refunded"
    assert order(DONE, at(6, "Order Refunded", order_id="o", products=[{"product_id": "a"}])).state == "fully_refunded"


def test_a_part_of_an_unknown_total_is_a_part() -> None:
    """An order that never said its total is fully refunded only by a refund of everything."""
    bare = at(5, "Order Completed", order_id="o")
    assert order(bare, at(6, "Order Refunded", order_id="o", total=5)).state == "completed"
    assert order(bare, at(6, "Order Refunded", order_id="o")).state == "fully_refunded"


def test_an_order_remembers_its_newest_refunds() -> None:
    """Of 60 refunds 50 are kept: an order stays small whatever a channel repeats."""
    facts = of([DONE, *(at(6 + n, "Order Refunded", order_id="o", total=1) for n in range(60))])
    assert len(facts.orders["o"].refunds.entries) == MAX_REFUNDS


def test_trust_decides_between_sources_of_one_order() -> None:
    """A public source's later word on an order changes nothing that a trusted one said."""
    ours = event("Order Completed", ["user:u"], id="1", trusted=True, order_id="o", total=100)
    theirs = event("Order Updated", ["user:u"], id="2", at=NOW + timedelta(days=1), order_id="o", total=1, coupon="X")
    assert (order(ours, theirs).total, order(ours, theirs).coupon) == (Decimal(100), "X")
