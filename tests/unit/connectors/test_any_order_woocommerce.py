"""Any order and number of WooCommerce's deliveries give the same customer, order and stock: the newest words."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from tests.support.cases import UNIT, cases
from tests.unit.connectors.shop_world import WOO, ShopWorld, woo_order, woo_product

pytestmark = UNIT
BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Delivery = tuple[str, dict[str, Any]]


def second(number: int) -> str:
    return f"{BEGIN + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}"


@st.composite
def orders(draw: st.DrawFn) -> list[Delivery]:
    """One order, ever newer: it was paid, what was refunded or completed stays so, and a cancellation ends it."""
    found: list[Delivery] = []
    refunds: list[Any] = []
    completed = None
    for version in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            refunds = [*refunds, {"id": 800 + version, "total": f"-{draw(st.integers(1, 40))}.00"}]
        if draw(st.booleans()) and completed is None:
            completed = second(version)
        over = draw(st.sampled_from(["", "", "", "cancelled", "trash", "failed"]))
        lines = [
            {"sku": sku, "name": sku, "price": "10.00", "quantity": draw(st.integers(1, 3))}
            for sku in draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
        ]
        status = over or ("completed" if completed else draw(st.sampled_from(["processing", "on-hold"])))
        order = woo_order(
            status=status, date_created_gmt=second(0), date_paid_gmt=second(0), date_modified_gmt=second(version),
            date_completed_gmt=completed, total=f"{draw(st.integers(100, 999))}.00", line_items=lines, refunds=refunds,
        )  # fmt: skip
        found.append((draw(st.sampled_from(["order.created", "order.updated", "order.restored"])), order))
        if over:
            break
    return found


@st.composite
def products(draw: st.DrawFn) -> list[Delivery]:
    """Two products that are renamed, also to each other's sku, counted or not, and many at one instant."""
    found: list[Delivery] = []
    for _ in range(draw(st.integers(1, 6))):
        tracked = draw(st.sampled_from([True, True, False]))
        own = {
            "id": draw(st.sampled_from([1, 2])), "sku": draw(st.sampled_from("ab")), "manage_stock": tracked,
            "stock_quantity": draw(st.integers(-1, 9)) if tracked else None, "regular_price": "",
            "price": str(draw(st.integers(1, 3))), "date_modified_gmt": second(draw(st.integers(0, 4))),
        }  # fmt: skip
        found.append(("product.updated", woo_product(**own)))
    return found


def customers(names: list[str]) -> list[Delivery]:
    base = {"id": 26, "email": "ali@example.com", "date_created_gmt": second(0), "billing": {}}
    return [
        ("customer.updated", base | {"first_name": name, "date_modified_gmt": second(place)})
        for place, name in enumerate(names)
    ]


@given(
    told=orders(),
    stock=products(),
    names=st.lists(st.sampled_from(["Ali", "Ali Can", "A."]), max_size=3, unique=True),
    rng=st.randoms(use_true_random=False),
)
@cases(8, 1_500)
def test_any_order_and_number_give_the_newest(
    told: list[Delivery], stock: list[Delivery], names: list[str], rng: random.Random
) -> None:
    """Shuffled and repeated at ingest, shuffled and repeated again in the queue."""
    shop = ShopWorld()
    said = [*told, *stock, *customers(names)]
    shop.deliver_in_any_order(said, WOO, rng)
    check_order(shop, told)
    if names:
        assert shop.customer().traits["firstName"].value == names[-1]
    for sku in "ab":
        assert shop.on_hand(sku) == pieces(stock, sku)
        check_product(shop, stock, sku)


def check_order(shop: ShopWorld, told: list[Delivery]) -> None:
    """As the newest version says. What it was when it ended was the last that anybody said of it."""
    newest = told[-1][1]
    [order] = shop.customer().orders
    assert order.total == Decimal(newest["total"])
    assert {name: count for name, count, _ in order.products} == {
        line["sku"]: line["quantity"] for line in newest["line_items"]
    }
    over = newest["status"] in {"cancelled", "trash", "failed"}
    given_back = sum(-Decimal(one["total"]) for one in newest["refunds"])
    assert order.refunded == min(given_back, order.total)
    assert order.state == ("cancelled" if over else "fully_refunded" if given_back >= order.total else "completed")
    assert (order.shipped_at is not None) == (newest["date_completed_gmt"] is not None)
    assert shop.customer().cart.items == ()


def newest_of(stock: list[Delivery]) -> dict[int, dict[str, Any]]:
    """Of two words of one instant the greater sku counts, then that nobody counts, then the fewer pieces."""

    def age(said: dict[str, Any]) -> tuple[Any, ...]:
        return said["date_modified_gmt"], said["sku"], not said["manage_stock"], -max(0, said["stock_quantity"] or 0)

    found: dict[int, dict[str, Any]] = {}
    for _, said in stock:
        known = found.get(said["id"])
        if known is None or age(said) > age(known):
            found[said["id"]] = said
    return found


def pieces(stock: list[Delivery], sku: str) -> dict[str, int]:
    """The sum over the products that are called so now, each with the newest number that was said of it."""
    total = 0
    for id_, said in newest_of(stock).items():
        if said["sku"] != sku or not said["manage_stock"]:
            continue
        counted = [one for _, one in stock if one["id"] == id_ and one["manage_stock"]]
        latest = max((one["date_modified_gmt"], -max(0, one["stock_quantity"])) for one in counted)
        total -= latest[1]
    return {"online": total} if total else {}


def check_product(shop: ShopWorld, stock: list[Delivery], sku: str) -> None:
    words = [(said["date_modified_gmt"], said["price"]) for _, said in stock if said["sku"] == sku]
    stored = shop.product(sku)
    assert (stored is None) == (not words)
    if stored is not None:
        newest = max(at for at, _ in words)
        assert str(stored.product.price) in {price for at, price in words if at == newest}


@given(told=orders(), rng=st.randoms(use_true_random=False))
@cases(15, 500)
def test_two_orders_of_arrival_give_the_same_facts(told: list[Delivery], rng: random.Random) -> None:
    """Every field of the facts: what was folded is the join of all that came."""
    found = []
    for _ in range(2):
        shop, facts = ShopWorld(), Facts()
        rng.shuffle(told)
        for topic, content in told:
            shop.deliver(topic, content, WOO)
            facts = fold(facts, shop.log(), Features())
        found.append(encode(facts))
    assert found[0] == found[1]
