"""Any order and number of a shop's deliveries give the same customer, orders, products and stock: those of the newest
words, as brute force finds them."""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.stock.shop_environment import shop_work_on
from functions.stock.shop_work import ShopWork
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.connectors.shop_jobs import ShopJob
from shared.domain.connectors.translation import ItemSku, ShopLevel
from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.domain.products.product import read_product
from shared.ports import Table, Throttled
from shared.stores.products import Products
from shared.stores.stock import StockStore
from tests.support.cases import UNIT, cases
from tests.support.interleaving import Turns, TurnTable
from tests.unit.connectors.shop_world import SHOPIFY, Delivery, ShopWorld, shopify_order, shopify_product

pytestmark = UNIT
BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
INTERLEAVINGS = int(os.environ.get("KERVAN_SHOP_INTERLEAVINGS", "12"))


def second(number: int) -> str:
    return (BEGIN + timedelta(seconds=number)).isoformat()


@st.composite
def order_versions(draw: st.DrawFn) -> list[Delivery]:
    """One order, ever newer: what was refunded, sent or cancelled stays so."""
    found: list[Delivery] = []
    refunds: list[Any] = []
    parcels: list[Any] = []
    cancelled = None
    for version in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            amount = f"{draw(st.integers(1, 99))}.00"
            paid = [{"kind": "refund", "status": "success", "amount": amount}]
            refunds = [*refunds, {"id": 50 + version, "created_at": second(version), "transactions": paid}]
        if draw(st.booleans()):
            about = {"tracking_number": f"T{version}", "shipment_status": draw(st.sampled_from([None, "delivered"]))}
            stamps = {"created_at": second(version), "updated_at": second(version)}
            parcels = [*parcels, {"id": 70 + version, "status": "success", **about, **stamps}]
        if draw(st.booleans()) and cancelled is None:
            cancelled = second(version)
        lines = [
            {"sku": sku, "title": sku, "price": "10.00", "quantity": draw(st.integers(1, 3))}
            for sku in draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
        ]
        order = shopify_order(
            created_at=second(0), updated_at=second(version), total_price=f"{draw(st.integers(100, 999))}.00",
            line_items=lines, refunds=refunds, fulfillments=parcels, cancelled_at=cancelled,
        )  # fmt: skip
        found.append((draw(st.sampled_from(["orders/create", "orders/updated", "orders/paid"])), order))
    return found


@st.composite
def stock_words(draw: st.DrawFn) -> list[Delivery]:
    """Two items that are renamed, also to each other's name, and counted at two places, many at one instant."""
    found: list[Delivery] = []
    for _ in range(draw(st.integers(1, 7))):
        item, at = draw(st.sampled_from([1, 2])), second(draw(st.integers(0, 3)))
        if draw(st.booleans()):
            level = {"inventory_item_id": item, "location_id": draw(st.sampled_from([655, 9])), "updated_at": at}
            found.append(("inventory_levels/update", level | {"available": draw(st.integers(-1, 9))}))
        elif draw(st.booleans()):
            found.append(("inventory_items/update", {"id": item, "sku": draw(st.sampled_from("ab")), "updated_at": at}))
        else:
            base = shopify_product()["variants"][0] | {"compare_at_price": None}
            own = {"sku": draw(st.sampled_from("ab")), "inventory_item_id": item, "price": str(draw(st.integers(1, 3)))}
            found.append(("products/update", shopify_product(id=item, updated_at=at, variants=[base | own])))
    return found


def customers(names: Sequence[str]) -> list[Delivery]:
    base = {"id": 115310627314723954, "email": "ayse@example.com"}
    return [
        ("customers/update", base | {"first_name": name, "updated_at": second(place)})
        for place, name in enumerate(names)
    ]  # fmt: skip


@given(
    orders=order_versions(),
    stock=stock_words(),
    names=st.lists(st.sampled_from(["Ayşe", "Ayşe Nur", "A."]), max_size=3, unique=True),
    rng=st.randoms(use_true_random=False),
)
@cases(8, 1_500)
def test_any_order_and_number_give_the_newest(
    orders: list[Delivery], stock: list[Delivery], names: list[str], rng: random.Random
) -> None:
    """Shuffled and repeated at ingest, shuffled and repeated again in the queue."""
    shop = ShopWorld()
    told = [*orders, *stock, *customers(names)]
    shop.deliver_in_any_order(told, SHOPIFY, rng)
    check_order(shop, orders)
    if names:
        assert shop.customer().traits["firstName"].value == names[-1]
    for sku in "ab":
        assert shop.on_hand(sku) == pieces(stock, sku)
        check_product(shop, stock, sku)


def check_order(shop: ShopWorld, orders: list[Delivery]) -> None:
    """The order is as its newest version says."""
    newest = orders[-1][1]
    [order] = shop.customer().orders
    assert order.total == Decimal(newest["total_price"])
    assert {name: count for name, count, _ in order.products} == {
        line["sku"]: line["quantity"] for line in newest["line_items"]
    }
    assert (order.state == "cancelled") == (newest["cancelled_at"] is not None)
    paid = sum(Decimal(one["transactions"][0]["amount"]) for one in newest["refunds"])
    assert order.refunded == min(paid, order.total)
    assert (order.shipped_at is not None) == bool(newest["fulfillments"])
    assert (order.delivered_at is not None) == any(one["shipment_status"] for one in newest["fulfillments"])
    if newest["fulfillments"]:
        assert order.details["tracking_number"] == newest["fulfillments"][-1]["tracking_number"]
    assert shop.customer().cart.items == ()
    # Folding what was stored once more, backwards, gives the same facts: nothing hangs on the order of the log.
    log = shop.log()
    assert encode(fold(Facts(), log, Features())) == encode(fold(Facts(), reversed(log), Features()))


def pieces(stock: list[Delivery], sku: str) -> dict[str, int]:
    """By brute force: each item has its newest name, and its newest level at each place; the least of one instant."""
    names: dict[int, tuple[str, str]] = {}
    levels: dict[tuple[int, int], tuple[str, int]] = {}
    for topic, said in stock:
        if topic == "inventory_levels/update":
            key, word = (
                (said["inventory_item_id"], said["location_id"]),
                (said["updated_at"], -max(0, said["available"])),
            )
            levels[key] = max(levels.get(key, word), word)
        else:
            item = said["id"]
            name = said.get("sku") or said["variants"][0]["sku"]
            names[item] = max(names.get(item, ("", "")), (said["updated_at"], name))
    found: dict[str, int] = {}
    for (item, place), (_, less) in levels.items():
        if names.get(item, ("", ""))[1] == sku:
            where = "kadikoy" if place == 655 else "moda-9"
            found[where] = found.get(where, 0) - less
    return {where: many for where, many in found.items() if many}


def check_product(shop: ShopWorld, stock: list[Delivery], sku: str) -> None:
    """The product is as the newest word about its sku says."""
    words = [
        (said["updated_at"], said["variants"][0]["price"])
        for topic, said in stock
        if topic == "products/update" and said["variants"][0]["sku"] == sku
    ]
    stored = shop.product(sku)
    assert (stored is None) == (not words)
    if stored is not None:
        newest = max(at for at, _ in words)
        assert str(stored.product.price) in {price for at, price in words if at == newest}


@given(orders=order_versions(), rng=st.randoms(use_true_random=False))
@cases(8, 500)
def test_two_orders_of_arrival_give_the_same_facts(orders: list[Delivery], rng: random.Random) -> None:
    """Every field of the facts, not only those that people look at: what was folded is the join of all that came."""
    found = []
    for _ in range(2):
        shop, facts = ShopWorld(), Facts()
        rng.shuffle(orders)
        for topic, content in orders:
            shop.deliver(topic, content)
            facts = fold(facts, shop.log(), Features())  # as the stream brings what was just written
        found.append(encode(facts))
    assert found[0] == found[1]


def worker_on(stock: Table) -> ShopWork:
    tables = {name: MemoryTable(indexes=INDEXES[name]) for name in ("products", "timers", "catalog")}
    return shop_work_on(stock=stock, **tables, elapsed=lambda: 0.0, pause=lambda _attempt: None)


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
def test_workers_side_by_side_agree(seed: int) -> None:
    """Eight messages taken at once, each call of the table at any moment, with crashes: the stock of the newest words,
    and the sum of all movements."""
    rng = random.Random(seed)
    memory = MemoryTable(indexes=INDEXES["stock"])
    worker = worker_on(TurnTable(memory))
    words: list[ItemSku | ShopLevel] = [
        ItemSku(str(rng.randint(1, 2)), rng.choice("ab"), rng.randint(1, 4)) if rng.random() < 0.5
        else ShopLevel(str(rng.randint(1, 2)), rng.choice(["x", "y"]), rng.randint(0, 9), rng.randint(1, 4))
        for _ in range(8)
    ]  # fmt: skip

    def take(word: ItemSku | ShopLevel) -> None:
        job = ShopJob("s", items=(word,)) if isinstance(word, ItemSku) else ShopJob("s", levels=(word,))
        while True:
            try:
                worker.take(job, BEGIN)
                return
            except Throttled:
                continue

    Turns(random.Random(seed), crash_rate=0.03).run([functools.partial(take, word) for word in words])
    store = StockStore(memory)
    for sku in "ab":
        found = {one.place.location: one.level.on_hand for one in store.levels(sku) if one.level.on_hand}
        assert found == summed(words, sku)
        assert [store.audit(one.place) for one in store.levels(sku)] == [[]] * len(store.levels(sku))


def summed(words: Sequence[ItemSku | ShopLevel], sku: str) -> dict[str, int]:
    names: dict[str, tuple[int, str]] = {}
    levels: dict[tuple[str, str], tuple[int, int]] = {}
    for one in words:
        if isinstance(one, ItemSku):
            names[one.item] = max(names.get(one.item, (0, "")), (one.at_ms, one.sku))
        else:
            word = (one.at_ms, -one.quantity)
            levels[one.item, one.location] = max(levels.get((one.item, one.location), word), word)
    found: dict[str, int] = {}
    for (item, place), (_, less) in levels.items():
        if names.get(item, (0, ""))[1] == sku and less:
            found[place] = found.get(place, 0) - less
    return found


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_two_names_of_one_instant_are_decided_by_the_names(names: tuple[str, str]) -> None:
    """Not by which came first: the greater text counts, and the pieces are there once."""
    memory = MemoryTable(indexes=INDEXES["stock"])
    worker = worker_on(memory)
    worker.take(ShopJob("s", levels=(ShopLevel("1", "x", 4, 1),)), BEGIN)
    for name in names:
        worker.take(ShopJob("s", items=(ItemSku("1", name, 5),)), BEGIN)
    found = {sku: [one.level.on_hand for one in StockStore(memory).levels(sku)] for sku in "ab"}
    assert found["b"] == [4]
    assert found["a"] in ([], [0])


def test_a_feed_or_a_push_and_a_delivery_agree_on_the_newer() -> None:
    """The three ways in meet in one item: each looks at the instant of the other."""
    shop = ShopWorld()
    shop.deliver("products/update", shopify_product(updated_at=second(10)))
    shop.work()
    stored = shop.product("mont-m")
    assert stored is not None
    older = read_product({"id": "mont-m", "name": "old", "price": "1", "currency": "TRY"})
    assert Products(shop.products).put([older], BEGIN).older == ("mont-m",)
    assert Products(shop.products).put([older], BEGIN + timedelta(hours=1)).changed == ("mont-m",)
    shop.deliver("products/update", shopify_product(updated_at=second(20)))
    shop.work()
    after = shop.product("mont-m")
    assert after is not None
    assert after.product.name == "old"
