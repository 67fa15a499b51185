"""A connected shop with its products and numbers, and customers who wait to be told of a product."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.operators.stock.held_prices import waiting
from shared.stores.held_prices import HeldPrices
from shared.stores.products import Products
from shared.stores.timers import Timers
from tests.flow.releases.scene import Scene
from tests.support.world import event
from tests.unit.connectors.shop_world import ShopWorld, shopify_level, shopify_order, shopify_product
from tests.unit.stock.telling_world import TellingWorld
from tests.unit.stock.test_held_prices import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def connected(world: ShopWorld) -> dict[str, Any]:
    """One delivery is in the queue still."""
    world.deliver("products/update", shopify_product())
    world.deliver("inventory_levels/update", shopify_level(4))
    world.deliver("orders/updated", shopify_order())
    world.work()
    world.deliver("inventory_levels/update", shopify_level(3, at="2026-11-20T11:00:00+03:00"))
    return {"queued": world.stock_work.bodies}


def after_connected(world: ShopWorld, carried: Any) -> dict[str, Any]:
    """Old news change nothing, the queued delivery counts once, and the next one is compared with what is stored."""
    before = world.on_hand("mont-m")
    world.deliver("inventory_levels/update", shopify_level(9, at="2026-11-20T09:00:00+03:00"))
    world.work()
    old = world.on_hand("mont-m")
    world.stock_work.bodies = [*carried["queued"], *carried["queued"]]
    world.work()
    queued = world.on_hand("mont-m")
    world.deliver("orders/updated", shopify_order())
    world.deliver("products/update", shopify_product(title="Mont", updated_at="2026-11-20T12:00:00+03:00"))
    world.work()
    product = world.product("808950810") or world.product("mont-m")
    return {
        "numbers": [before, old, queued],
        "product": product and [product.product.name, str(product.product.price)],
        "log": [[one.name, str(one.owner)] for one in world.log()],
    }


def interested(world: TellingWorld) -> dict[str, Any]:
    """A wish that waits for pieces, a price that may be a slip, an announcement of which half was told."""
    world.price("p", "1999.00")
    world.count("p", 5)
    world.count("p", 0)
    world.minute(40 * DAY)
    world.work()
    for name in ("a", "b", "c"):
        wish = event("Product Added to Wishlist", [f"user:{name}"], at=world.clock.now(), product_id="p", trusted=True)
        world.send(wish)
        world.clock.advance(timedelta(minutes=1))
    world.price("p", "19.99")
    world.count("p", 2)
    world.minute()
    for body in [*world.queue.bodies]:
        world._read(body, lambda: 60_000)
    return {
        "queued": [*world.queue.bodies, *(body for body, _ in world.queue.later)],
        "at": world.clock.time.timestamp(),
    }


def work(world: TellingWorld) -> None:
    """Whatever waits in the queue, until nothing does. What fails ends it, and the test."""
    while bodies := [*world.queue.bodies, *(body for body, _ in world.queue.later)]:
        world.queue.bodies, world.queue.later = [], []
        for body in bodies:
            world._read(body, lambda: 60_000)


def after_interested(world: TellingWorld, carried: Any) -> dict[str, Any]:
    world.clock.time = world.clock.time.fromtimestamp(carried["at"], world.clock.time.tzinfo)
    desk = Desk(world.clock, Products(world.products), Timers(world.timers), HeldPrices(world.table))
    before = {"told": world.names(), "held": waiting(desk)}
    world.queue.bodies = list(carried["queued"])
    work(world)
    queued = world.names()
    world.minute(2 * HOUR)
    work(world)
    later = world.names()
    world.minute(2 * DAY)
    work(world)
    return {**before, "queued": queued, "later": later, "price": world.names("price")}


SHOPS = Scene(
    "connected-shop",
    ShopWorld,
    lambda world: {
        "customers": world.customers, "catalog": world.catalog, "stock": world.stock, "products": world.products,
        "timers": world.timers, "metrics": world.metrics,
    },
    connected,
    after_connected,
)  # fmt: skip
INTERESTS = Scene(
    "interests",
    TellingWorld,
    lambda world: {
        "customers": world.customers, "catalog": world.catalog, "stock": world.table, "products": world.products,
        "timers": world.timers, "interests": world.interests,
    },
    interested,
    after_interested,
)  # fmt: skip
