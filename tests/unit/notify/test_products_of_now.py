"""Commercial messages show products as the catalogue has them now, or are not sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.messages.message import Reason, Skipped, State
from shared.domain.products.product import SOLD, read_product
from shared.domain.profile.profile import Cart, Line, Profile
from shared.domain.templates.definition import CatalogueRule
from shared.domain.templates.product_of_now import ProductsOfNow
from shared.domain.templates.refresh_products import products_of, refreshed
from shared.domain.templates.sample import NOW
from shared.domain.templates.trigger_event import NOTHING, TriggerEvent
from shared.ports.sender import Outgoing
from shared.stores.products import Products
from tests.unit.notify.world import MORNING, TEMPLATES, Shopping, request

pytestmark = pytest.mark.unit
DRESS = {
    "id": "p1", "name": "Keten Elbise (yeni)", "price": "1099.90", "currency": "TRY",
    "image_url": "https://shop.example/new.jpg", "url": "https://www.kervan.example/new",
}  # fmt: skip


def profile_of(cart: Cart = Cart()) -> Profile:  # noqa: B008 - it never changes
    return Profile("u.x", ("u.x",), (), {}, cart, (), (), (), {}, {})


@pytest.fixture
def shop() -> Shopping:
    """Ayşe's cart has a dress for 1299.90."""
    made = Shopping()
    made.ayse()
    return made


def know(shop: Shopping, *products: dict[str, Any]) -> None:
    Products(shop.products).put([read_product(product) for product in products], MORNING - timedelta(minutes=5))


def sent(shop: Shopping, **more: Any) -> Outgoing:
    record = shop.notifying().handle(request("email", **more), MORNING)
    assert record.state is State.SENT
    return shop.sender.sent[-1]


def test_a_reminder_shows_the_catalogues_words(shop: Shopping) -> None:
    """Name, price and picture are those of now; an unknown product stays as the event told it."""
    shop.add("p2", at=MORNING - timedelta(hours=1), name="Şal", price="300")
    know(shop, DRESS)
    shown = str(sent(shop).content)
    assert "Keten Elbise (yeni)" in shown
    assert "1.099,90" in shown
    assert "1.299,90" not in shown
    assert "new.jpg" in shown
    assert "Şal" in shown


def test_what_is_sold_out_is_left_out(shop: Shopping) -> None:
    """One of two is left out; if both are, the message is not sent, and the ledger says which."""
    shop.add("p2", at=MORNING - timedelta(hours=1), name="Şal", price="200")
    gone = {**DRESS, "availability": "out_of_stock"}
    know(shop, gone, {**gone, "id": "p2"})
    record = shop.notifying().handle(request("email", step="first"), MORNING)
    assert record.outcome == Skipped(Reason.OUT_OF_STOCK)
    assert isinstance(record.outcome, Skipped)
    assert {one["id"] for one in record.outcome.evidence} == {"p1", "p2"}
    know(shop, {**DRESS, "id": "p2", "name": "Yün Şal"})
    shown = str(sent(shop).content)
    assert "Yün Şal" in shown
    assert "Keten Elbise" not in shown


def test_messages_without_products_ask_nothing(shop: Shopping) -> None:
    """No request more for a message that shows none, and one for one that does."""
    sent(shop, template="welcome")
    assert shop.products.usage.requests == 0
    other = Shopping()
    other.ayse()
    sent(other)
    assert other.products.usage.requests == 1


def about(availability: str, price: str, told: str, **rule: Any) -> Any:
    """What becomes of a message about one product."""
    template = TEMPLATES["back-in-stock"].model_copy(update={"catalogue": CatalogueRule(**rule)})
    event = TriggerEvent("x", {"product_id": "p1", "price": told, "currency": "TRY"}, trusted=True)
    products = {"p1": read_product({**DRESS, "price": price, "availability": availability})}
    found = refreshed(template, profile_of(), event, ProductsOfNow(products))
    return found.objection.reason if found.objection else found.trigger_event.properties["price"]


@pytest.mark.parametrize(
    ("availability", "price", "rule", "expected"),
    [
        ("in_stock", "90", {}, "90"), ("in_stock", "110", {}, "110"), ("out_of_stock", "90", {}, Reason.OUT_OF_STOCK),
        ("out_of_stock", "90", {"out_of_stock": "skip"}, Reason.OUT_OF_STOCK),
        ("out_of_stock", "90", {"out_of_stock": "show"}, "90"), ("preorder", "100", {"price_rose": "skip"}, "100"),
        ("in_stock", "110", {"price_rose": "skip"}, Reason.PRICE_ROSE),
        ("in_stock", "90", {"price_rose": "skip"}, "90"),
    ],
)  # fmt: skip
def test_a_template_chooses(availability: str, price: str, rule: dict[str, Any], expected: str) -> None:
    """A product that was told to cost 100."""
    assert about(availability, price, "100", **rule) == expected


@given(
    st.lists(st.sampled_from(("in_stock", "out_of_stock", "backorder", "unknown")), min_size=1, max_size=6),
    st.sampled_from(("drop", "skip", "show")),
)
def test_a_cart_shows_what_can_be_ordered(states: list[str], rule: str) -> None:
    """Exactly the lines that can be ordered, in their order, or the objection that its template asks for."""
    lines = tuple(Line(f"p{n}", 1, NOW, {"name": f"n{n}", "sku": f"s{n}"}) for n in range(len(states)))
    profile = profile_of(Cart(lines, NOW))
    products = {
        f"{'sp'[n % 2]}{n}": read_product({**DRESS, "id": f"{'sp'[n % 2]}{n}", "availability": state})
        for n, state in enumerate(states)
        if state != "unknown"
    }
    template = TEMPLATES["cart-reminder"].model_copy(update={"catalogue": CatalogueRule(out_of_stock=rule)})
    assert set(products) <= {id_ for ids in products_of(template, profile, NOTHING) for id_ in ids}
    found = refreshed(template, profile, NOTHING, ProductsOfNow(products))
    gone = [state not in {*SOLD, "unknown"} for state in states]
    assert (found.objection is not None) is ((rule == "skip" and any(gone)) or (rule == "drop" and all(gone)))
    shown = [line.product_id for line in found.profile.cart.items]
    assert shown == [f"p{n}" for n, sold_out in enumerate(gone) if rule == "show" or not sold_out]


def test_a_notice_tells_what_was_bought() -> None:
    """No template of a transactional message is changed by the catalogue; advice on what was bought is read there."""
    for name, template in TEMPLATES.items():
        if template.purpose == "transactional" and name != "care-guide":
            event = TriggerEvent("x", {"product_id": "p1"}, trusted=True)
            assert products_of(template, profile_of(), event) == (), name
