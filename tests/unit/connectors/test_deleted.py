"""What a shop deletes is heard, and a body is read as what it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.cases import UNIT
from tests.unit.connectors.shop_world import (
    SHOPIFY,
    WOO,
    ShopWorld,
    shopify_level,
    shopify_order,
    shopify_product,
    woo_order,
    woo_product,
)

pytestmark = UNIT
ITEM = 39072856


def availability(shop: ShopWorld, id_: str) -> str:
    found = shop.product(id_)
    assert found is not None
    return found.product.availability


def stocked() -> ShopWorld:
    shop = ShopWorld()
    shop.deliver("products/update", shopify_product())
    for place, pieces in ((655, 4), (9, 2)):
        shop.deliver("inventory_levels/update", shopify_level(pieces) | {"location_id": place})
    shop.deliver("product.updated", woo_product(), WOO)
    shop.work()
    return shop


def test_a_deleted_item_has_no_pieces_and_its_product_cannot_be_bought() -> None:
    """Twice is once; an older word of it comes too late; its price and its name stay known."""
    shop = stocked()
    assert shop.on_hand("mont-m") == {"kadikoy": 4, "moda-9": 2}
    for _ in range(2):
        shop.deliver("inventory_items/delete", {"id": ITEM})
        shop.deliver("product.deleted", {"id": 93}, WOO)
        shop.work()
    shop.deliver("products/update", shopify_product(updated_at="2026-11-20T10:00:01+03:00"))
    shop.deliver("inventory_levels/update", shopify_level(5, at="2026-11-20T10:00:01+03:00"))
    shop.work()
    assert (shop.on_hand("mont-m"), shop.on_hand("bere")) == ({}, {})
    assert (availability(shop, "mont-m"), availability(shop, "bere")) == ("out_of_stock", "out_of_stock")
    shop.clock.time += timedelta(minutes=1)
    restored = woo_product(date_modified_gmt=f"{shop.clock.time:%Y-%m-%dT%H:%M:%S}")
    shop.deliver("product.restored", restored, WOO)
    shop.work()
    assert (availability(shop, "bere"), shop.on_hand("bere")) == ("in_stock", {"online": 12})


def test_an_item_that_left_a_location_lies_at_the_others() -> None:
    """By when the shop says that it happened, at the latest now."""
    shop = stocked()
    gone = {"inventory_item_id": ITEM, "location_id": 655}
    shop.deliver("inventory_levels/disconnect", gone, **{"x-shopify-triggered-at": "2026-11-20T06:00:00Z"})
    shop.work()
    assert shop.on_hand("mont-m") == {"kadikoy": 4, "moda-9": 2}
    shop.deliver("inventory_levels/disconnect", gone, **{"x-shopify-triggered-at": "2099-11-20T06:00:00Z"})
    shop.work()
    assert shop.on_hand("mont-m") == {"moda-9": 2}
    shop.clock.time += timedelta(minutes=1)
    shop.deliver("inventory_levels/connect", shopify_level(1, at=shop.clock.time.isoformat()))
    shop.work()
    assert shop.on_hand("mont-m") == {"kadikoy": 1, "moda-9": 2}


@pytest.mark.parametrize(
    ("status", "changed", "state"),
    [
        ("trash", {}, "cancelled"),
        ("trash", {"date_paid_gmt": None}, "cancelled"),
        ("failed", {}, "cancelled"),
        ("failed", {"date_paid_gmt": None}, "completed"),
    ],
)
def test_an_order_that_is_over_is_cancelled(status: str, changed: dict[str, Any], state: str) -> None:
    """One that failed unpaid may be paid at the next try, so it stays."""
    shop = ShopWorld()
    shop.deliver("order.updated", woo_order(**changed), WOO)
    later = {"status": status, "date_modified_gmt": "2026-11-21T09:00:00"}
    shop.deliver("order.updated", woo_order(**changed | later), WOO)
    assert shop.customer().orders[0].state == state


@pytest.mark.parametrize(
    ("topic", "body", "connector"),
    [
        ("products/delete", {"id": 1}, SHOPIFY),
        ("orders/delete", {"id": 1}, SHOPIFY),
        ("order.deleted", {"id": 1}, WOO),
        ("inventory_items/delete", {}, SHOPIFY),
        ("inventory_levels/disconnect", {"inventory_item_id": 1}, SHOPIFY),
        ("product.deleted", {"id": [1]}, WOO),
    ],
)
def test_what_says_too_little_is_told(topic: str, body: dict[str, Any], connector: Any) -> None:
    shop = ShopWorld()
    assert len(shop.deliver(topic, body, connector)[1]["warnings"]) == 1
    assert shop.stock_work.bodies == []


SHOPIFY_BODIES = {
    "orders/updated": shopify_order(),
    "customers/update": {
        "id": 7, "email": "a@example.com", "updated_at": "2026-11-20T09:00:00Z", "orders_count": 1,
        "email_marketing_consent": {"state": "subscribed"},
    },
    "products/update": shopify_product(),
    "inventory_levels/update": shopify_level(),
    "inventory_items/update": {"id": 1, "sku": "x", "updated_at": "2026-11-20T09:00:00Z", "tracked": True},
    "checkouts/update": {
        "id": 1, "token": "t", "email": "a@example.com", "line_items": [], "abandoned_checkout_url": "https://a.example",
        "created_at": "2026-11-20T09:00:00Z", "updated_at": "2026-11-20T09:00:00Z",
    },
}  # fmt: skip
WOO_BODIES = {
    "order.updated": woo_order(),
    "product.updated": woo_product(),
    "customer.updated": {
        "id": 26, "email": "a@example.com", "username": "a", "date_created_gmt": "2026-11-20T09:00:00", "billing": {},
    },
}  # fmt: skip


@pytest.mark.parametrize(("bodies", "connector"), [(SHOPIFY_BODIES, SHOPIFY), (WOO_BODIES, WOO)])
def test_a_body_under_another_topic_becomes_nothing(bodies: dict[str, Any], connector: Any) -> None:
    """The topic is not signed: an order that is replayed as a customer makes none."""
    for topic, body in bodies.items():
        for other in bodies:
            shop = ShopWorld()
            said = shop.deliver(other, body, connector)[1]
            done = said["events"] + said["products"] + said["levels"] + len(shop.stock_work.bodies)
            assert (done > 0) == (topic == other), (topic, other)


@pytest.mark.parametrize(
    ("topic", "body", "connector"),
    [
        ("product.deleted", woo_product(), WOO),
        ("inventory_levels/disconnect", shopify_level(4), SHOPIFY),
        ("inventory_items/delete", {"id": ITEM, "sku": "mont-m", "updated_at": "2026-11-20T09:00:00Z"}, SHOPIFY),
    ],
)
def test_a_body_of_what_is_there_deletes_nothing(topic: str, body: dict[str, Any], connector: Any) -> None:
    """The topic is not signed: whoever replays an old number must not make a product sold out."""
    shop = stocked()
    assert len(shop.deliver(topic, body, connector)[1]["warnings"]) == 1
    shop.work()
    assert (shop.on_hand("mont-m"), shop.on_hand("bere")) == ({"kadikoy": 4, "moda-9": 2}, {"online": 12})
    assert (availability(shop, "mont-m"), availability(shop, "bere")) == ("in_stock", "in_stock")


@pytest.mark.parametrize(("pieces", "expected"), [(3, "in_stock"), (0, "out_of_stock")])
def test_a_product_that_was_made_anew_outlives_the_old_one(pieces: int, expected: str) -> None:
    """Two items of one sku: what is deleted takes its own pieces along. The last one ends the product."""
    shop = stocked()
    again = shopify_product(id=2, updated_at="2026-11-20T11:00:00+03:00")
    again["variants"][0] |= {"id": 5, "inventory_item_id": 77}
    shop.deliver("products/update", again)
    shop.deliver("inventory_levels/update", shopify_level(pieces, item=77))
    shop.work()
    shop.deliver("inventory_items/delete", {"id": ITEM})
    shop.work()
    assert shop.on_hand("mont-m") == ({"kadikoy": pieces} if pieces else {})
    assert availability(shop, "mont-m") == expected
