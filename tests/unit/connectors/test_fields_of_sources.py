"""A source changes the fields that it speaks of, and nothing that is dated ahead keeps later news out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.products.product import Product, read_product
from shared.ports import Item
from shared.stores.products import Products
from tests.support.cases import UNIT
from tests.unit.connectors.shop_world import (
    NOW,
    SHOPIFY,
    WOO,
    ShopWorld,
    shopify_level,
    shopify_product,
    woo_product,
)

pytestmark = UNIT
CARE = {"tr": "30 derece", "en": "30 degrees"}
OWN = {
    "name": "Kar montu", "price": "100", "currency": "TRY", "care": CARE, "manual_url": "https://moda.example/m.pdf",
    "brand": "Kuzey", "url": "https://moda.example/mont",
}  # fmt: skip


def pushed(shop: ShopWorld, id_: str) -> None:
    Products(shop.products).put([read_product(OWN | {"id": id_})], NOW - timedelta(days=30))


def product(shop: ShopWorld, id_: str) -> Product:
    found = shop.product(id_)
    assert found is not None
    return found.product


@pytest.mark.parametrize(
    ("id_", "topic", "body", "connector"),
    [
        ("mont-m", "products/update", shopify_product(), SHOPIFY),
        ("bere", "product.updated", woo_product(), WOO),
    ],
    ids=["shopify", "woocommerce"],
)
def test_a_delivery_leaves_care_and_manual(id_: str, topic: str, body: dict[str, Any], connector: Any) -> None:
    shop = ShopWorld()
    pushed(shop, id_)
    shop.deliver(topic, body, connector)
    shop.work()
    found = product(shop, id_)
    assert (dict(found.care), found.manual_url) == (CARE, "https://moda.example/m.pdf")
    assert found.price > 100
    assert found.brand == {"mont-m": "Kervan", "bere": "Kuzey"}[id_]


def test_a_shop_without_an_address_leaves_that_of_others() -> None:
    shop = ShopWorld(SHOPIFY.model_copy(update={"storefront": None}))
    pushed(shop, "mont-m")
    shop.deliver("products/update", shopify_product())
    shop.work()
    assert product(shop, "mont-m").url == "https://moda.example/mont"


def test_a_reduction_that_is_over_is_over() -> None:
    """Who names a price and no other one says that nothing is reduced."""
    shop = ShopWorld()
    shop.deliver("products/update", shopify_product())
    body = shopify_product(updated_at="2026-11-20T12:00:00+03:00")
    body["variants"][0] |= {"compare_at_price": None, "price": "1499.90"}
    shop.deliver("products/update", body)
    shop.work()
    assert (product(shop, "mont-m").price, product(shop, "mont-m").sale_price) == (Decimal("1499.90"), None)


def test_what_is_dated_ahead_keeps_nothing_out() -> None:
    """It counts as of five minutes from now at most, and the sender is told."""
    shop = ShopWorld()
    ahead = "2099-01-01T00:00:00Z"
    said = shop.deliver("products/update", shopify_product(updated_at=ahead))[1]
    assert said["warnings"] == [{"field": "shop.updated_at", "reason": "lies in the future, so it counts as of now"}]
    level = shopify_level(9, at=ahead)
    assert shop.deliver("inventory_levels/update", level, **{"x-shopify-triggered-at": ahead})[1]["warnings"]
    shop.work()
    assert shop.on_hand("mont-m") == {"kadikoy": 9}
    shop.clock.time += timedelta(minutes=6)
    later = shop.clock.time.isoformat()
    body = shopify_product(updated_at=later, title="Yeni")
    body["variants"][0]["sku"] = "mont-l"
    shop.deliver("products/update", body)
    shop.deliver("inventory_levels/update", shopify_level(3, at=later))
    shop.work()
    assert product(shop, "mont-l").name == "Yeni, M"
    assert (shop.on_hand("mont-m"), shop.on_hand("mont-l")) == ({}, {"kadikoy": 3})


class Overtaken(MemoryTable):
    """Somebody else writes the product between a read and the write that follows it."""

    other: list[Any]

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        while self.other:
            self.other.pop()()
        super().put(item, expect=expect)


@pytest.mark.parametrize("known", [True, False])
def test_older_news_never_overwrites_newer(known: bool) -> None:
    """A feed that read before a delivery and writes after it leaves the delivery's word."""
    table = Overtaken()
    table.other = []
    feed = Products(table)
    if known:
        feed.put([read_product(OWN | {"id": "x", "name": "first"})], NOW)
    newer = read_product(OWN | {"id": "x", "name": "newer"})
    table.other = [lambda: Products(table).put([newer], NOW + timedelta(minutes=2))]
    taken = feed.put([read_product(OWN | {"id": "x", "name": "older"})], NOW + timedelta(minutes=1))
    assert (taken.older, feed.read(["x"])["x"].product.name) == (("x",), "newer")


def test_the_same_said_later_keeps_an_older_change_out() -> None:
    """A delivery that says what is known is newer news too: a feed of before it is older."""
    shop = ShopWorld()
    shop.deliver("products/update", shopify_product())
    shop.deliver("products/update", shopify_product(updated_at="2026-11-20T12:00:00+03:00"))
    shop.work()
    between = NOW.replace(day=20, hour=8)
    taken = Products(shop.products).put([read_product(OWN | {"id": "mont-m"})], between)
    assert taken.older == ("mont-m",)
