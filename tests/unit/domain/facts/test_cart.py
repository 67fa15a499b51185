"""The cart out of events: adds, sets, removals and orders, whatever came first."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events.event import Event
from shared.domain.facts.cart import MAX_ADDS, MAX_LINES
from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import join
from tests.support.cases import UNIT
from tests.support.world import NOW
from tests.unit.domain.facts.histories import add, at, of, shown

pytestmark = UNIT


def in_cart(*events: Event) -> dict[str, int]:
    return {line.product_id: line.quantity for line in shown(*events).cart.items}


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
