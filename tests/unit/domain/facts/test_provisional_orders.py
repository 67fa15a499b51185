"""Where orders come from trusted sources, a public key can show one and make none."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.events.event import Event
from shared.domain.facts.encoding import decode, encode, json_text
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.features import features
from shared.domain.facts.fold import Features, fold
from shared.domain.facts.orders import OrderFacts
from shared.domain.facts.provisional import GUARDED, MAX_UNCONFIRMED, ORDER_EVENTS, confirmed
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.world import NOW, event

pytestmark = pytest.mark.unit

KEPT = features()
TRUSTED = Features(KEPT.keep, KEPT.filtered, KEPT.keyed, orders_from="trusted")


def said(name: str, minute: int, *, trusted: bool, **properties: Any) -> Event:
    made = event(name, ["user:42"], at=NOW + timedelta(minutes=minute), trusted=trusted)
    return replace(made, properties={"order_id": "A", **properties})


def profile(*events: Event, asked: Features = TRUSTED) -> Profile:
    return profile_of("u.1", ("u.1",), (), decode(encode(fold(Facts(), events, asked))))


def test_a_public_order_counts_for_nothing_and_is_shown() -> None:
    """No order, no revenue, no event for definitions, the cart as it was."""
    cart = said("Product Added", 0, trusted=False, product_id="p1", quantity=1)
    order = said("Order Completed", 1, trusted=False, total=999, products=[{"product_id": "p1"}])
    found = profile(cart, order)
    assert found.orders == ()
    assert [line.product_id for line in found.cart.items] == ["p1"]
    assert "Order Completed" not in found.seen
    assert [(one.id, one.at) for one in found.provisional] == [("A", NOW + timedelta(minutes=1))]


def test_the_server_s_own_order_is_the_one_that_counts() -> None:
    """With its own total, whichever came first; nothing is provisional any more."""
    public = said("Order Completed", 1, trusted=False, total=1)
    server = said("Order Completed", 2, trusted=True, total=500)
    for told in permutations([public, server]):
        found = profile(*told)
        assert [(one.id, one.total) for one in found.orders] == [("A", Decimal(500))]
        assert found.orders[0].at == NOW + timedelta(minutes=2)
        assert found.provisional == ()


def test_a_trusted_word_about_the_same_order_confirms_it() -> None:
    """A warehouse that reports the parcel and not the order: the order is real, with what the page told of it."""
    public = said("Order Completed", 1, trusted=False, total=70, currency="TRY")
    shipped = said("Order Shipped", 60, trusted=True)
    found = profile(public, shipped)
    assert [(one.id, one.total, one.at) for one in found.orders] == [("A", Decimal(70), NOW + timedelta(minutes=1))]
    assert found.provisional == ()


@pytest.mark.parametrize("name", sorted(ORDER_EVENTS - {"Order Completed"}))
def test_nobody_cancels_refunds_or_ships_what_he_did_not_sell(name: str) -> None:
    """A public key changes nothing about a real order, and cannot confirm one."""
    real = said("Order Completed", 1, trusted=True, total=500)
    assert profile(real, said(name, 2, trusted=False, total=500)).orders == profile(real).orders
    assert profile(said(name, 2, trusted=False)).provisional == ()


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_a_public_source_starts_and_counts_nothing(name: str) -> None:
    """Price drops and stock included: a definition that asks for the event does not see it."""
    asked = Features({name: 3}, {}, {(name): ("order_id",)}, orders_from="trusted")
    public = profile(said(name, 1, trusted=False), asked=asked)
    assert name not in public.seen
    assert public.keyed == {}
    assert name in profile(said(name, 1, trusted=True), asked=asked).seen


def test_a_shop_that_takes_orders_from_any_is_as_before() -> None:
    """The answer decides, and it is part of what facts are folded for."""
    public = said("Order Completed", 1, trusted=False, total=70)
    assert [one.id for one in profile(public, asked=KEPT).orders] == ["A"]
    assert KEPT.written() != TRUSTED.written()


def flood(count: int, *, first: int = 100, days: int = 0) -> list[Event]:
    """Public reports of other orders, received minute by minute from ``first`` on, dated so many days earlier."""
    made = [said("Order Completed", first + n, trusted=False, order_id=f"f{first + n}") for n in range(count)]
    return [replace(one, time=one.time - timedelta(days=days)) for one in made]


def test_a_flood_of_reported_orders_stays_small() -> None:
    """The first and the last ones are kept; a real order is displaced by none of them."""
    events = [said("Order Completed", 1, trusted=True, order_id="real"), *flood(300)]
    found = profile(*events)
    assert [one.id for one in found.orders] == ["real"]
    kept = [*range(100, 100 + MAX_UNCONFIRMED), *range(400 - MAX_UNCONFIRMED, 400)]
    assert [one.id for one in found.provisional] == [f"f{n}" for n in kept]


@pytest.mark.parametrize("days", [0, 2])
@pytest.mark.parametrize("told", list(permutations(["public", "shipped", "flood"])))
def test_no_flood_removes_or_changes_an_order_that_is_confirmed(told: tuple[str, ...], days: int) -> None:
    """Whatever time the reports claim, and in whatever order the log is folded again."""
    parts = {
        "public": [said("Order Completed", 1, trusted=False, total=70, products=[{"product_id": "p1"}])],
        "shipped": [said("Order Shipped", 60, trusted=True)],
        "flood": flood(300, days=days),
    }
    found = profile(*(one for part in told for one in parts[part]))
    assert [(one.id, one.total) for one in found.orders] == [("A", Decimal(70))]
    assert found.orders == profile(*parts["public"], *parts["shipped"]).orders


def test_reports_sent_in_advance_do_not_block_a_later_order() -> None:
    """However many they were."""
    public = said("Order Completed", 500, trusted=False, total=70)
    found = profile(*flood(300), public, said("Order Shipped", 560, trusted=True))
    assert [(one.id, one.total) for one in found.orders] == [("A", Decimal(70))]


def test_a_later_report_of_the_same_order_changes_nothing() -> None:
    """Also if it says that it happened earlier: nobody can set when it was received."""
    public, shipped = said("Order Completed", 1, trusted=False, total=70), said("Order Shipped", 60, trusted=True)
    again = said("Order Completed", 90, trusted=False, total=999_999)
    earlier = replace(again, time=NOW - timedelta(days=1), message_id="backdated")
    for more in (again, earlier):
        for events in permutations([public, shipped, more]):
            assert profile(*events).orders == profile(public, shipped).orders


def test_a_buyer_of_years_whose_shop_only_ships_keeps_every_order() -> None:
    """Twice a week for five years: each order was reported by the page and confirmed by its parcel."""
    hours = [(n * 5_040, f"o{n}") for n in range(520)]
    events = [said("Order Completed", at, trusted=False, order_id=name, total=10) for at, name in hours]
    events += [said("Order Shipped", at + 60, trusted=True, order_id=name) for at, name in hours]
    events.sort(key=lambda one: one.time)
    assert sum(one.total for one in profile(*events).orders) == 5_200


def test_a_report_goes_when_the_shop_tells_the_order_itself() -> None:
    """It would never be read again, and each byte of facts costs with every event."""
    public, server = said("Order Completed", 1, trusted=False), said("Order Completed", 2, trusted=True)
    for told in permutations([public, server]):
        assert fold(Facts(), told, TRUSTED).reported == {}
        assert join(*(fold(Facts(), [one], TRUSTED) for one in told)).reported == {}


@pytest.mark.parametrize(
    ("order", "left"),
    [
        ({"products": [{"product_id": "p1"}]}, ["p2"]),
        ({"products": [{"product_id": "p1"}], "cart_id": "c"}, []),
        ({}, []),
    ],
)
def test_a_confirmed_order_takes_its_products_out_of_the_cart(order: dict[str, Any], left: list[str]) -> None:
    """As it does where any source's word counts; what was added after it stays."""
    added = [said("Product Added", n, trusted=False, product_id=f"p{n}", quantity=1) for n in (1, 2)]
    later = said("Product Added", 9, trusted=False, product_id="p9", quantity=1)
    public = said("Order Completed", 5, trusted=False, **order)
    events = [*added, public, later, said("Order Shipped", 60, trusted=True)]
    trusting, anybody = profile(*events), profile(*events, asked=KEPT)
    assert [line.product_id for line in trusting.cart.items] == [*left, "p9"]
    assert trusting.cart == anybody.cart


def test_all_products_of_a_large_order_leave_the_cart() -> None:
    """Also those beyond the fifty that are described."""
    listed = [{"product_id": f"p{n}", "quantity": 1} for n in range(60)]
    cart = said("Cart Updated", 1, trusted=False, products=listed)
    order = said("Order Completed", 5, trusted=False, products=listed)
    events = [cart, order, said("Order Shipped", 60, trusted=True)]
    assert profile(*events).cart.items == ()
    assert profile(*events).orders == profile(order, events[2]).orders
    assert set(confirmed(OrderFacts(), fold(Facts(), events, TRUSTED).reported["A"]).fields) == {"channel", "products"}


def test_reports_of_an_earlier_form_are_left_out() -> None:
    """The bytes were written before reports had their form of today: the next fold reads the log again."""
    facts = fold(Facts(), [said("Order Completed", 1, trusted=False), said("Order Shipped", 2, trusted=True)], TRUSTED)
    shape = {"q": [["A", {"at": 1}], [1, 2, 3]], "r": [["B", 0, 7]]}
    older = replace(facts, reported={})
    data = encode(older, lambda kept: json_text({**kept, **shape}))
    assert decode(data) == older


def received(event: Event, minute: int) -> Event:
    """The event as it comes if the sender's time is not the time of reception."""
    return replace(event, received_at=NOW + timedelta(minutes=minute), message_id=f"{event.message_id}-{minute}")


told = st.lists(
    st.builds(
        received,
        st.builds(
            said,
            st.sampled_from(sorted(GUARDED)),
            st.integers(0, 6),
            trusted=st.booleans(),
            order_id=st.sampled_from(["A", "B", "C"]),
            total=st.sampled_from([None, 10, "20,50"]),
        ),
        st.integers(0, 6),
    ),
    max_size=8,
)


@given(told, st.randoms(use_true_random=False))
def test_the_result_depends_on_the_events_only(events: list[Event], chance: Any) -> None:
    """Not on their order, their batches or repetitions; and without the public words of orders that nobody confirmed it
    is the same but for the list of them."""
    shuffled = [*events, *events[:3]]
    chance.shuffle(shuffled)
    half = len(shuffled) // 2
    parts = [fold(Facts(), part, TRUSTED) for part in (shuffled[:half], shuffled[half:])]
    joined = profile_of("u.1", ("u.1",), (), join(*parts))
    whole = profile(*events)
    assert joined == whole
    named = {str(one.properties["order_id"]) for one in events if one.trusted and one.name in ORDER_EVENTS}
    believed = [one for one in events if one.trusted or one.properties["order_id"] in named]
    again = profile(*believed)
    assert whole.orders == again.orders
    assert {one.id for one in whole.provisional}.isdisjoint(named)
