"""Commercial messages know what the stock has when they are sent, and where the customer can have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.definitions.release import Release
from shared.domain.messages.message import Reason, Skipped, State
from shared.domain.products.product import SOLD, read_product
from shared.domain.profile.profile import Cart, Line, Order, Profile, Trait
from shared.domain.stock.level import StockRules
from shared.domain.stock.location import Location
from shared.domain.stock.of_now import Left, StockOfNow, near_stores
from shared.domain.stock.request import Line as StockLine
from shared.domain.stock.request import StockRequest
from shared.domain.templates.definition import CatalogueRule
from shared.domain.templates.near_store import pickup_store
from shared.domain.templates.product_of_now import ProductsOfNow
from shared.domain.templates.refresh_products import products_of, refreshed
from shared.domain.templates.sample import NOW, _order
from shared.domain.templates.trigger_event import NOTHING, TriggerEvent
from shared.ports.sender import Outgoing
from shared.stores.locations import Locations
from shared.stores.products import Products
from shared.stores.releases import Releases
from shared.stores.stock import StockStore
from tests.unit.notify.test_products_of_now import DRESS, profile_of
from tests.unit.notify.world import JOURNEY, MORNING, SHOP, TEMPLATES, Shopping, request

pytestmark = pytest.mark.unit
STORE = Location("kadikoy", "Kadıköy", pickup=True, city="İstanbul", ready_within=timedelta(hours=2))


@pytest.fixture
def shop() -> Shopping:
    """Ayşe's cart has a dress for 1299.90."""
    made = Shopping()
    made.ayse()
    return made


def move(shop: Shopping, kind: str, sku: str, quantity: int, location: str = "kadikoy", rules: Any = None) -> None:
    line = StockLine(kind, sku, location, quantity)  # type: ignore[arg-type]
    at = MORNING - timedelta(minutes=10)
    store = StockStore(shop.stock)
    asked = StockRequest(f"{kind}-{sku}-{location}-{shop.stock.usage.requests}", (line,), at)
    if kind == "reserve":
        store.reserve(asked, at + timedelta(days=1), lambda _: rules or StockRules())
    else:
        store.apply(asked, lambda _: rules or StockRules())


def describe(shop: Shopping, *places: Location) -> None:
    for place in places:
        Locations(shop.stock, lambda: 0.0).put(place)


def know(shop: Shopping, **more: Any) -> None:
    Products(shop.products).put([read_product({**DRESS, **more})], MORNING - timedelta(minutes=5))


def outcome(shop: Shopping, **more: Any) -> Any:
    return shop.notifying().handle(request("email", **more), MORNING).outcome


def sent(shop: Shopping, **more: Any) -> Outgoing:
    record = shop.notifying().handle(request("email", **more), MORNING)
    assert record.state is State.SENT
    return shop.sender.sent[-1]


def test_the_last_piece_was_sold(shop: Shopping) -> None:
    """The shop's products still say "in stock"; the stock knows better, and since when."""
    know(shop)
    move(shop, "receipt", "p1", 1)
    move(shop, "sale", "p1", 1)
    found = outcome(shop)
    assert found == Skipped(Reason.OUT_OF_STOCK)
    (evidence,) = found.evidence
    assert evidence == {
        "kind": "product",
        "id": "p1",
        "because": "stock",
        "left": "0",
        "at": "2026-11-23T06:50:00.000Z",
    }


@pytest.mark.parametrize(
    ("moves", "place", "availability", "goes"),
    [
        ([("receipt", 1)], Location("kadikoy"), "out_of_stock", True),
        ([("receipt", 1), ("reserve", 1)], Location("kadikoy"), "in_stock", False),
        ([("receipt", 1)], Location("kadikoy", rules=StockRules(safety=1)), "in_stock", False),
        ([("receipt", 2)], Location("kadikoy", rules=StockRules(safety=1)), "in_stock", True),
        ([("receipt", 1), ("sale", 1)], Location("kadikoy", rules=StockRules(backorder=True)), "in_stock", True),
        ([("receipt", 1), ("sale", 1)], Location("kadikoy"), "preorder", True),
        ([("receipt", 1), ("sale", 1)], Location("kadikoy"), "backorder", True),
    ],
)
def test_what_can_be_promised_decides(
    shop: Shopping, moves: list[tuple[str, int]], place: Location, availability: str, *, goes: bool
) -> None:
    """Where the stock knows the sku, its free pieces count and not the word of a feed; reserved ones and the safety
    stock are none. What is sold before it is there is never sold out."""
    know(shop, availability=availability)
    describe(shop, place)
    for kind, quantity in moves:
        move(shop, kind, "p1", quantity)
    assert (outcome(shop) == Skipped(Reason.OUT_OF_STOCK)) is not goes
    assert len(shop.sender.sent) == int(goes)


def test_what_a_message_costs(shop: Shopping) -> None:
    """One without products asks nothing of the stock; one with products a request for each, and the locations once a
    minute. A shop that keeps no stock here pays for finding that out, and then nothing for a quarter of an hour."""
    sent(shop, template="welcome")
    assert shop.stock.usage.requests == 0
    outcome(shop, step="a")
    assert shop.stock.usage.requests == 16
    outcome(shop, step="b")
    assert shop.stock.usage.requests == 16
    other = Shopping()
    other.ayse()
    move(other, "receipt", "p1", 5)
    other.stock.usage.reset()
    sent(other)
    first = other.stock.usage.requests
    assert first <= 16 + 1 + 1
    other.stock.usage.reset()
    outcome(other, step="b")
    assert (other.stock.usage.requests, other.stock.usage.read_units) == (1, 1.0)


def test_the_newest_of_a_large_cart_are_looked_up() -> None:
    """They are what the message shows."""
    lines = tuple(Line(f"p{n}", 1, NOW - timedelta(minutes=(n * 7) % 30), {}) for n in range(30))
    asked = products_of(TEMPLATES["cart-reminder"], profile_of(Cart(lines, NOW)), NOTHING)
    newest = sorted(lines, key=lambda line: line.changed_at, reverse=True)
    assert asked == tuple((line.product_id,) for line in newest)


def test_a_sku_before_the_product(shop: Shopping) -> None:
    """The variant of the event is asked first; where the stock counts by the product's id, that."""
    shop.send("Product Added", at=MORNING - timedelta(minutes=30), product_id="p2", sku="p2-m", quantity=1, name="Şal")
    know(shop)
    move(shop, "receipt", "p1", 1)
    for sku in ("p2", "p2-m"):
        move(shop, "receipt", sku, 1)
    move(shop, "sale", "p2-m", 1)
    assert "Şal" not in str(sent(shop).content)


@pytest.mark.parametrize("rule", ["drop", "skip", "show", "say"])
def test_a_dearer_line(rule: str) -> None:
    """One of two lines costs more than the customer was told."""
    lines = (Line("p1", 1, NOW, {"name": "a", "price": "100"}), Line("p2", 1, NOW, {"name": "b", "price": "100"}))
    products = {one: read_product({**DRESS, "id": one, "price": price}) for one, price in (("p1", "110"), ("p2", "90"))}
    template = TEMPLATES["cart-reminder"].model_copy(update={"catalogue": CatalogueRule(price_rose=rule)})
    found = refreshed(template, profile_of(Cart(lines, NOW)), NOTHING, ProductsOfNow(products, changed={"p1": NOW}))
    shown = {line.product_id: (line.details["price"], line.told_price) for line in found.profile.cart.items}
    assert (found.objection is not None) is (rule == "skip")
    if found.objection is not None:
        assert [dict(one) for one in found.objection.evidence] == [
            {"kind": "product", "id": "p1", "because": "catalogue", "told": "100", "costs": "110", "currency": "TRY",
             "at": "2026-11-23T07:00:00.000Z"}
        ]  # fmt: skip
    if rule == "drop":
        assert shown == {"p2": ("90", None)}
    else:
        assert str(shown["p1"][1]) == ("100" if rule == "say" else "None")
        assert shown["p2"] == ("90", None)


def test_what_is_said(shop: Shopping) -> None:
    """A template that chose so says what is sold out and what it cost before; the total counts what can be ordered."""
    shop.add("p2", at=MORNING - timedelta(hours=1), name="Şal", price="200")
    know(shop, price="1399.90")
    move(shop, "receipt", "p2", 1)
    move(shop, "sale", "p2", 1)
    said = TEMPLATES["cart-reminder"].model_copy(
        update={"catalogue": CatalogueRule(out_of_stock="say", price_rose="say")}
    )
    number = Releases(shop.catalog).publish(Release(0, SHOP, (), (JOURNEY,), (said,), ())).number
    shown = str(sent(shop, release=number).content)
    assert "Tükendi" in shown
    assert "1.299,90" in shown
    assert "1.399,90" in shown
    assert "1.599,90" not in shown


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("in_stock", "out_of_stock", "backorder", "unknown")),
            st.lists(st.integers(0, 2), max_size=3),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(("drop", "skip", "show", "say")),
)
def test_a_cart_against_brute_force(states: list[tuple[str, list[int]]], rule: str) -> None:
    """Any mixture of what products and stock say: exactly the lines that can be ordered are shown."""
    lines = tuple(Line(f"p{n}", 1, NOW, {"name": f"n{n}"}) for n in range(len(states)))
    products = {
        f"p{n}": read_product({**DRESS, "id": f"p{n}", "availability": said})
        for n, (said, _) in enumerate(states)
        if said != "unknown"
    }
    levels = {
        f"p{n}": tuple(Left(f"store-{m}", pieces) for m, pieces in enumerate(held))
        for n, (_, held) in enumerate(states)
        if held
    }
    gone = [
        (sum(held) == 0 and said != "backorder") if held else said not in {*SOLD, "unknown"} for said, held in states
    ]
    template = TEMPLATES["cart-reminder"].model_copy(update={"catalogue": CatalogueRule(out_of_stock=rule)})
    found = refreshed(template, profile_of(Cart(lines, NOW)), NOTHING, ProductsOfNow(products, StockOfNow(levels)))
    shown = found.profile.cart.items
    assert [line.product_id for line in shown] == [
        f"p{n}" for n, out in enumerate(gone) if rule in {"show", "say"} or not out
    ]
    assert (found.objection is not None) is ((rule == "skip" and any(gone)) or (rule == "drop" and all(gone)))
    said = [line.product_id for line in shown if line.sold_out]
    assert said == ([f"p{n}" for n, out in enumerate(gone) if out] if rule == "say" else [])


def customer(city: str = "", bought_at: tuple[str, ...] = (), *lines: Line) -> Profile:
    orders: tuple[Order, ...] = tuple(replace(_order(1), location=place) for place in bought_at)
    traits = {"city": Trait(city, NOW, trusted=True)} if city else {}
    return replace(profile_of(Cart(lines, NOW)), traits=traits, orders=orders)


PLACES = {
    "besiktas": Location("besiktas", pickup=True, city="istanbul"),
    "kadikoy": STORE,
    "depot": Location("depot", city="İstanbul"),
    "kizilay": Location("kizilay", pickup=True, city="Ankara"),
}


@pytest.mark.parametrize(
    ("city", "bought", "expected"),
    [
        ("", (), []), ("İzmir", (), []), ("ISTANBUL", (), ["besiktas", "kadikoy"]),
        ("İstanbul", ("kizilay", "kadikoy", "depot", "web"), ["kadikoy", "kizilay", "besiktas"]),
        ("", ("kizilay", "kadikoy", "kizilay"), ["kizilay", "kadikoy"]),
    ],
)  # fmt: skip
def test_near_stores(city: str, bought: tuple[str, ...], expected: list[str]) -> None:
    """Stores of earlier purchases, the newest first, then those of the city; only stores that serve pick-up."""
    assert [place.name for place in near_stores(customer(city, bought), PLACES)] == expected


def test_the_city_of_an_address() -> None:
    """Segment's form of an address."""
    profile = replace(customer(), traits={"address": Trait({"city": "Ankara"}, NOW, trusted=True)})
    assert [place.name for place in near_stores(profile, PLACES)] == ["kizilay"]
    profile = replace(customer(), traits={"address": Trait("Ankara", NOW, trusted=True)})
    assert near_stores(profile, PLACES) == []


def test_a_store_that_has_all_of_it() -> None:
    """In the quantities of the cart. What is sold out anyway does not count; what the stock does not know lies
    nowhere."""
    two, one = Line("p1", 2, NOW, {"name": "a"}), Line("p2", 1, NOW, {"name": "b"})
    gone, unknown = Line("p3", 1, NOW, {"name": "c"}), Line("p4", 1, NOW, {"name": "d"})
    levels = {
        "p1": (Left("besiktas", 1), Left("kadikoy", 2)),
        "p2": (Left("kadikoy", 1), Left("besiktas", 5)),
        "p3": (Left("kadikoy", 0),),
    }
    known = ProductsOfNow({}, StockOfNow(levels, PLACES))

    def offered(*lines: Line) -> str:
        found = pickup_store(customer("Istanbul", (), *lines), known)
        return "" if found is None else found.location.name

    assert offered(two, one, gone) == "kadikoy"
    assert offered(one) == "besiktas"
    assert offered(replace(two, quantity=3)) == ""
    assert offered(two, unknown) == ""
    assert offered(gone) == ""
    assert offered() == ""


def test_a_reminder_offers_pick_up(shop: Shopping) -> None:
    """In both languages, only where a near store has what is in the cart."""
    shop.send("identify", at=MORNING - timedelta(minutes=3), traits={"city": "Istanbul"})
    describe(shop, STORE)
    move(shop, "receipt", "p1", 1, "depot")
    assert "Mağazadan teslim" not in str(sent(shop, step="a").content)
    move(shop, "receipt", "p1", 1)
    offered = Shopping()
    offered.ayse()
    offered.stock, offered.stock_reader = shop.stock, shop.stock_reader
    offered.send("identify", at=MORNING - timedelta(minutes=3), traits={"city": "Istanbul"})
    content = str(sent(offered).content)
    assert "Mağazadan teslim alabilirsiniz: sepetinizdekiler Kadıköy mağazamızda var" in content
    assert "2 saat içinde hazır olur" in content


def test_the_store_that_the_app_is_near(shop: Shopping) -> None:
    """What of the cart lies there; nothing lies there; nobody knows the store."""
    event = TriggerEvent("Store Nearby", {"location": "kadikoy"}, trusted=False)
    template = TEMPLATES["near-store"]
    profile = customer("", (), Line("p1", 1, NOW, {"name": "a"}), Line("p2", 9, NOW, {"name": "b"}))
    levels = {"p1": (Left("kadikoy", 0), Left("depot", 9)), "p2": (Left("kadikoy", 1),)}
    found = refreshed(template, profile, event, ProductsOfNow({}, StockOfNow(levels, PLACES)))
    assert found.objection is None
    assert found.store is not None
    assert [line.product_id for line in found.store.lines] == ["p2"]
    none = {"p1": levels["p1"], "p2": (Left("depot", 1),)}
    found = refreshed(template, profile, event, ProductsOfNow({}, StockOfNow(none, PLACES)))
    assert found.objection == Skipped(Reason.OUT_OF_STOCK)
    assert found.objection is not None
    assert {one["location"] for one in found.objection.evidence} == {"kadikoy"}
    for name in ("nowhere", 5, None):
        unknown = replace(event, properties={"location": name})
        assert refreshed(template, profile, unknown, ProductsOfNow({}, StockOfNow(levels, PLACES))).store is None
