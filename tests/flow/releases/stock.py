"""Stock in the middle of a day: levels, a transfer on its way, a reservation, a pick-up that waits for its code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.domain.stock.movement import Place
from shared.stores.pickups import Pickups
from shared.stores.stock import StockStore
from shared.stores.stock_history import StockHistory
from shared.stores.stock_shards import SHARDS
from tests.flow.releases.scene import Scene
from tests.unit.stock.stock_world import StockWorld

MOVEMENTS, RESERVATIONS, PICKUPS = "/v1/stock/movements", "/v1/stock/reservations", "/v1/stock/pickups"
IN = {"key": "in", "kind": "receipt", "location": "kadikoy", "sku": "jacket-m", "quantity": 9}
SALE = {"key": "till-1", "kind": "sale", "location": "kadikoy", "sku": "jacket-m", "quantity": 2, "order_id": "A-1"}
HELD = {"key": "held", "location": "kadikoy", "sku": "jacket-m", "quantity": 1, "order_id": "A-7", "expires_in": "3h"}
PICKUP = {
    "key": "P-1", "customer": "user:42", "order_id": "A-8", "location": "kadikoy",
    "lines": [{"sku": "jacket-m", "quantity": 2}],
}  # fmt: skip
JACKET = {"name": "Kar montu", "price": "1999.00", "currency": "TRY", "url": "https://shop.example/p/jacket"}
DOOR = {
    "city": "İstanbul", "address": "Moda Cad. 1", "opening": {"mon": "10:00-22:00"}, "closed": ["2026-12-31"],
    "ready_within": "2h",
}  # fmt: skip
LATER = timedelta(hours=1)


def play(world: StockWorld) -> dict[str, Any]:
    """The code of the pick-up is in the customer's message."""
    world.ask("PUT", "/v1/locations/kadikoy", {"label": "Kadıköy", "pickup": True, "safety": 1, **DOOR})
    world.ask("PUT", "/v1/products/jacket-m", JACKET)
    for movement in (
        IN,
        SALE,
        {**IN, "key": "come", "kind": "transfer", "to": "web", "quantity": 1, "arrival": "expected"},
    ):
        assert world.post(MOVEMENTS, movement)[0] == 200
    for number in range(8):  # so many that older movements lie in a chapter of their own
        assert world.post(MOVEMENTS, {**IN, "key": f"more-{number}", "quantity": 1})[0] == 200
    assert world.post(RESERVATIONS, HELD)[0] == 200
    assert world.post(PICKUPS, PICKUP)[0] == 200
    assert world.post(f"{PICKUPS}/P-1/ready", {})[0] == 200
    [ready] = [event for event in world.events() if event.name == "Pickup Ready"]
    return {"code": ready.properties["code"]}


def answers(world: StockWorld, carried: Any) -> dict[str, Any]:
    world.clock.advance(LATER)
    gone = {**SALE, "quantity": 1}
    older, _ = StockHistory(world.table).older_entries(Place("jacket-m", "kadikoy"), limit=5, cursor=None)
    found = {
        "levels": world.get("/v1/stock/jacket-m"),
        "locations": world.get("/v1/locations"),
        "history": [[entry.step, entry.key, entry.change.on_hand] for entry in older],
        "product": world.get("/v1/products/jacket-m"),
        "reservation": world.get(f"{RESERVATIONS}/held"),
        "pick-up": world.get(f"{PICKUPS}/P-1"),
        "who comes for it": [one.id for one in Pickups(world.table).open_at("kadikoy", limit=9)[0]],
        "sampled": [f"{one}" for shard in range(SHARDS) for one in StockStore(world.table).sample(shard, "", 9)],
        "told": [[event.name, str(event.owner), event.properties.get("location_name")] for event in world.events()],
        "the till sends again": world.post(MOVEMENTS, SALE),
        "the key of another sale": world.post(MOVEMENTS, gone)[1]["error"],
        "a wrong code": world.post(f"{PICKUPS}/P-1/collect", {"code": "000000"})[1]["error"],
        "collected": world.post(f"{PICKUPS}/P-1/collect", {"code": carried["code"]}),
        "the reservation ends": world.pass_time(timedelta(hours=3)),
    }
    return {**found, "levels at the end": world.get("/v1/stock/jacket-m")}


STOCK = Scene(
    "stock",
    StockWorld,
    lambda world: {
        "stock": world.table, "timers": world.timers, "catalog": world.catalog, "products": world.products,
        "customers": world.customers, "interests": world.interests,
    },
    play,
    answers,
)  # fmt: skip
