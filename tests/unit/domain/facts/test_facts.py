"""Facts are a join-semilattice: whatever the order, grouping and number of deliveries, they come out the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.definitions.value_test import ValueTest
from shared.domain.events.event import Event
from shared.domain.facts import cart as cart_facts
from shared.domain.facts import cases as case_facts
from shared.domain.facts import facts as facts_module
from shared.domain.facts import orders as order_facts
from shared.domain.facts.cart import MAX_ADDS, MAX_LINES
from shared.domain.facts.encoding import UnknownFormat, decode, encode
from shared.domain.facts.facts import MAX_TOKENS, MAX_TRAITS, Facts, join
from shared.domain.facts.features import features
from shared.domain.facts.fold import Filtered, facts_of, fold
from shared.domain.facts.orders import MAX_REFUNDS
from shared.domain.profile.profile import Order, Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event

pytestmark = UNIT

PRICEY = {"price": ValueTest(exactly="9.9")}
KEEP = features(
    {"Product Viewed": 3},
    {"Product Added": [Filtered("Product Added?pricey", PRICEY, 2)]},
    {"Product Added": ["product_id"], "Cart Updated": ["products.product_id", "quantity"]},
)
NAMES = [
    "Product Added", "Product Removed", "Product Quantity Changed", "Cart Updated", "Order Completed", "Order Updated",
    "Order Cancelled", "Order Refunded", "Order Shipped", "Order Delivered", "Product Added to Wishlist",
    "Product Removed from Wishlist", "Product Viewed", "Complaint Opened", "Complaint Closed", "Return Requested",
    "Return Completed", "identify",
]  # fmt: skip

hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(
        ["1", "-1", "1e999999", "1e-999999999", "sNaN", "Infinity", "１２", "0.005", "__proto__", "#", " "]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)
quantities = st.sampled_from([0, 1, 2, 3, "2", 2.9]) | hostile
ids = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def said(draw: st.DrawFn) -> Event:
    """One event at one of a few instants, so that ties happen; its properties are sane or hostile."""
    name = draw(st.sampled_from(NAMES))
    product = {"product_id": draw(ids | hostile), "quantity": draw(quantities), "price": draw(st.just("9.9") | hostile)}
    properties: dict[str, Any] = {**product, "order_id": draw(st.sampled_from(["o1", "o2"]) | hostile)}
    if draw(st.booleans()):
        properties["products"] = draw(st.lists(st.just(product), max_size=2) | hostile)
    if draw(st.booleans()):
        properties["total"] = draw(st.sampled_from([0, 5, "7.5"]) | hostile)
    if draw(st.booleans()):
        properties["refund_id"] = draw(st.sampled_from(["r1", "r2"]) | hostile)
    if draw(st.booleans()):
        properties["case_id"] = draw(ids | hostile)
        properties["tracking_url"] = draw(st.just("https://x/1") | hostile)
    return event(
        name,
        ["user:u"],
        at=NOW + timedelta(minutes=draw(st.integers(0, 6))),
        id=str(draw(st.integers(0, 40))),
        trusted=draw(st.booleans()),
        traits={draw(ids): draw(hostile)} if draw(st.booleans()) else {},
        context={
            "device": draw(st.builds(dict, token=ids, type=st.sampled_from(["iOS", "android", "pos"])) | hostile),
            "timezone": draw(hostile),
        },
        **properties,
    )


histories = st.lists(said(), max_size=12)


def of(events: list[Event]) -> Facts:
    return fold(Facts(), events, KEEP)


def seen(facts: Facts) -> Profile:
    return profile_of("u.1", ("u.1",), (), facts)


@contextmanager
def tight() -> Iterator[None]:
    """Caps so small that short histories reach all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cart_facts, "MAX_LINES", 2)
        patch.setattr(cart_facts, "MAX_ADDS", 2)
        patch.setattr(order_facts, "MAX_REFUNDS", 1)
        for name in ("MAX_CASES", "MAX_CLOSINGS"):
            patch.setattr(case_facts, name, 2)
        for name in ("MAX_TRAITS", "MAX_WISHES", "MAX_TOKENS", "MAX_ACTIVITY", "MAX_USED", "MAX_VALUES"):
            patch.setattr(facts_module, name, 2)
        yield


@cases(40)
@given(histories, histories, histories)
def test_join_is_associative_commutative_and_idempotent(one: list[Event], two: list[Event], three: list[Event]) -> None:
    """The three laws, byte for byte, on facts of random and hostile events."""
    a, b, c = of(one), of(two), of(three)
    assert encode(join(a, b)) == encode(join(b, a))
    assert encode(join(join(a, b), c)) == encode(join(a, join(b, c)))
    assert encode(join(a, a)) == encode(join(a)) == encode(a)
    assert encode(join(a, b, a)) == encode(join(a, b))


def check_any_way(events: list[Event], rng: random.Random) -> None:
    once = of(events)
    shuffled = [*events, *rng.choices(events, k=len(events))] if events else []
    rng.shuffle(shuffled)
    parts: list[Facts] = []
    while shuffled:
        size = rng.randint(1, 4)
        parts.append(of(shuffled[:size]))
        shuffled = shuffled[size:]
    rng.shuffle(parts)
    assert encode(join(*parts)) == encode(once)
    assert encode(join(*(facts_of(one, KEEP) for one in events))) == encode(once)


@cases(50)
@given(histories, st.randoms(use_true_random=False))
def test_a_fold_is_the_join_of_any_partition(events: list[Event], rng: random.Random) -> None:
    """Folding at once, one by one, or in shuffled groups with duplicates gives the same bytes."""
    check_any_way(events, rng)


@cases(60)
@given(st.lists(said(), min_size=6, max_size=16), st.randoms(use_true_random=False))
def test_the_bounds_do_not_depend_on_order(events: list[Event], rng: random.Random) -> None:
    """With caps so small that everything overflows, what stays depends on the set of events only."""
    with tight():
        check_any_way(events, rng)
        facts = of(events)
        assert len(facts.cart.lines) <= 2
        assert all(len(line.adds) <= 2 for line in facts.cart.lines.values())
        assert max(len(facts.trusted.entries), len(facts.public.entries), len(facts.wishlist.entries)) <= 2
        assert all(len(order.refunds.entries) <= 1 for order in facts.orders.values())
        opened = facts.cases or case_facts.CaseFacts()
        assert max(len(facts.used.entries), len(opened.opened.entries), len(opened.closed.entries)) <= 2
        assert all(len(there.entries) <= 2 for there in facts.keyed.values())
        assert decode(encode(facts)) == facts


@cases(50)
@given(histories)
def test_bytes_hold_everything(events: list[Event]) -> None:
    """Decoding gives back equal facts, which encode to equal bytes and show the same profile."""
    facts = of(events)
    again = decode(encode(facts))
    assert again == facts
    assert encode(again) == encode(facts)
    assert seen(again) == seen(facts)


def test_bytes_of_another_format_are_named() -> None:
    """What a newer release wrote, or what is broken, is one error with a name."""
    for data in (b"", b"\x02abc", b"\x01\xff\xff\xff"):
        with pytest.raises(UnknownFormat):
            decode(data)


def at(minutes: float, name: str, /, **more: Any) -> Event:
    return event(name, ["user:u"], at=NOW + timedelta(minutes=minutes), id=f"{name}{minutes}{more}", **more)


def shown(*events: Event) -> Profile:
    """The profile of these events, after making sure that their order does not matter."""
    facts = of(list(events))
    assert encode(of(list(reversed(events)))) == encode(facts)
    return seen(facts)


def in_cart(*events: Event) -> dict[str, int]:
    return {line.product_id: line.quantity for line in shown(*events).cart.items}


def order(*events: Event) -> Order:
    [only] = shown(*events).orders
    return only


def add(minutes: float, product: str, count: Any = 1) -> Event:
    return at(minutes, "Product Added", product_id=product, quantity=count)


def test_adds_are_increments_and_sets_are_sets() -> None:
    """Product Added adds, Product Quantity Changed sets, Product Removed removes; only what came after it counts."""
    assert in_cart(add(0, "a", 2), add(1, "a", 3)) == {"a": 5}
    assert in_cart(add(0, "a", 2), at(1, "Product Quantity Changed", product_id="a", quantity=7), add(2, "a")) == {
        "a": 8
    }
    assert in_cart(add(0, "a", 2), at(1, "Product Removed", product_id="a"), add(2, "b")) == {"b": 1}
    assert in_cart(add(0, "a", 2), at(1, "Product Removed", product_id="a"), add(2, "a")) == {"a": 1}
    assert in_cart(add(0, "a", 0), add(1, "b", -4), add(2, "c", "many")) == {"c": 1}


def test_one_event_counts_once_however_often_it_comes() -> None:
    """The same add delivered three times is one add; two adds of one instant are two."""
    assert in_cart(add(0, "a"), add(0, "a"), add(0, "a")) == {"a": 1}
    assert in_cart(add(0, "a", 1), add(0, "a", 2)) == {"a": 3}


def test_an_order_takes_its_products_out_of_the_cart() -> None:
    """It removes what it lists; it clears the cart if it names the cart or lists nothing; what comes later stays."""
    cart = [add(0, "a", 2), add(0, "b"), add(2, "a")]
    bought = [{"product_id": "a", "quantity": 1}]
    assert in_cart(*cart, at(1, "Order Completed", order_id="o", products=bought)) == {"a": 1, "b": 1}
    assert in_cart(*cart, at(1, "Order Completed", order_id="o", products=bought, cart_id="c")) == {"a": 1}
    assert in_cart(*cart, at(1, "Order Completed", order_id="o")) == {"a": 1}


def test_a_whole_cart_replaces_the_cart() -> None:
    """Cart Updated sets everything: what it does not list is gone; without a list it says nothing."""
    assert in_cart(add(0, "a"), at(1, "Cart Updated", products=[{"product_id": "b", "quantity": 2}])) == {"b": 2}
    assert in_cart(add(0, "a"), at(1, "Cart Updated", products=[]), add(2, "c")) == {"c": 1}
    assert in_cart(add(0, "a"), at(1, "Cart Updated", products="b")) == {"a": 1}


def test_the_clock_of_a_cart_is_its_last_change() -> None:
    """Adds, removals and changes move it; views, opens and orders do not."""
    events = [add(0, "a"), at(3, "Product Removed", product_id="b"), at(9, "Cart Viewed"), at(9, "Product Viewed")]
    assert shown(*events).cart.updated_at == NOW + timedelta(minutes=3)
    assert shown(at(5, "Order Completed", order_id="o")).cart.updated_at is None


def test_a_line_shows_what_its_newest_event_said() -> None:
    """Price, picture and variant are those of the latest add or set, not of a removal."""
    first = at(
        0, "Product Added", product_id="a", price="10", name="Shirt", image_url="https://x/1.jpg", currency="TRY"
    )
    second = at(1, "Product Added", product_id="a", price=12.5, variant="M", currency="TRY")
    [line] = shown(first, second).cart.items
    assert line.details == {"price": "12.50", "variant": "M", "currency": "TRY"}


def test_what_was_removed_is_not_shown_again_however_late_that_is_known() -> None:
    """A quantity set after a removal shows nothing of the add before it, in whichever groups the three arrive."""
    added = at(0, "Product Added", product_id="a", price="10", name="Shirt")
    removed = at(1, "Product Removed", product_id="a")
    counted = at(2, "Product Quantity Changed", product_id="a", quantity=3)
    [line] = shown(added, removed, counted).cart.items
    assert (line.quantity, line.details) == (3, {})
    whole = encode(of([added, removed, counted]))
    for late in (added, removed, counted):
        others = [one for one in (added, removed, counted) if one is not late]
        assert encode(join(of(others), of([late]))) == whole


def test_a_cart_keeps_its_newest_lines_to_the_last_one() -> None:
    """201 products leave the 200 newest, also when one event named 200 of them at once."""
    listed = [{"product_id": f"p{place:03d}"} for place in range(MAX_LINES)]
    kept = in_cart(at(0, "Cart Updated", products=listed), add(1, "new"))
    assert len(kept) == MAX_LINES
    assert "new" in kept
    assert "p000" not in kept
    assert len(in_cart(*(add(place, f"p{place}") for place in range(MAX_LINES + 5)))) == MAX_LINES


def test_a_line_keeps_its_newest_adds() -> None:
    """Of 60 adds of one product the newest 50 count."""
    assert in_cart(*(add(place, "a") for place in range(MAX_ADDS + 10))) == {"a": MAX_ADDS}


def test_a_cart_that_was_full_and_cleared_is_like_a_new_one() -> None:
    """The floor that 201 lines left says nothing more once the cart was cleared, whatever came first."""
    many = [add(place, f"p{place}") for place in range(MAX_LINES + 1)]
    assert in_cart(*many, at(900, "Cart Updated", products=[]), add(901, "a")) == {"a": 1}


def test_an_event_with_many_traits_displaces_no_more_than_it_must() -> None:
    """101 traits of one identify leave 100; 60 and then 60 others leave 100, the newest among them."""
    sixty = {f"a{place:03d}": 1 for place in range(60)}
    others = {f"b{place:03d}": 1 for place in range(60)}
    assert len(shown(at(0, "identify", traits={**sixty, **others})).traits) == MAX_TRAITS
    both = shown(at(0, "identify", traits=sixty), at(1, "identify", traits=others)).traits
    assert len(both) == MAX_TRAITS
    assert others.keys() <= both.keys()


def test_a_public_source_cannot_replace_a_trusted_address() -> None:
    """Trusted traits win over later public ones, and no flood of public traits displaces them."""
    ours = at(0, "identify", trusted=True, traits={"email": "ayse@example.com", "city": None})
    theirs = [at(5 + n, "identify", traits={"email": "thief@example.com", "city": "x", f"t{n}": n}) for n in range(150)]
    profile = shown(ours, *theirs)
    assert profile.trait("email") == "ayse@example.com"
    assert profile.trait("city") is None
    assert {"t149", "email"} <= profile.traits.keys()
    assert len(profile.traits) == MAX_TRAITS - 1  # of the public ones, city is unset by ours


def test_the_newest_tokens_are_kept() -> None:
    """A customer's ten newest push tokens, with the platform that each said last."""
    events = [at(n, "identify", context={"device": {"token": f"t{n:02d}", "type": "android"}}) for n in range(12)]
    tokens = shown(*events, at(20, "identify", context={"device": {"token": "t11", "type": "iOS"}})).tokens
    assert len(tokens) == MAX_TOKENS
    assert (tokens[0].token, tokens[0].platform) == ("t11", "ios")
    assert "t01" not in {token.token for token in tokens}


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


def test_a_wishlist_is_what_was_wished_last() -> None:
    """Added and removed by time; a wish that went into the cart stays wished and lies in the cart."""
    wished = at(0, "Product Added to Wishlist", product_id="a", name="Shirt")
    assert [line.product_id for line in shown(wished).wishlist] == ["a"]
    assert shown(wished, at(1, "Product Removed from Wishlist", product_id="a")).wishlist == ()
    profile = shown(wished, at(1, "Wishlist Product Added to Cart", product_id="a"))
    assert [line.product_id for line in profile.wishlist] == [line.product_id for line in profile.cart.items] == ["a"]


def test_equal_instants_fall_the_same_way() -> None:
    """Two values of one event id and instant (1, true and 1.0 are equal to Python) are told apart by their text."""
    rivals = [event("identify", ["user:u"], id="same", traits={"a": value}) for value in (1, True, 1.0, "1", None)]
    ordered = {encode(of(sorted(rivals, key=lambda _: random.Random(seed).random()))) for seed in range(3)}
    turned = {encode(of(rivals[turn:] + rivals[:turn])) for turn in range(len(rivals))}
    assert len(ordered | turned) == 1
