"""A shop with products, two stores that serve pick-up, a warehouse, and orders that wait at a store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.operators.stock import levels, movements, pickups, products, reservations
from tests.unit.console.console_world import URL
from tests.unit.console.shop_world import HOSTILE, ShopWorld

KADIKOY, DEPOT = "kadikoy", "depot"


class TillWorld(ShopWorld):
    """``P-1`` waits ready at Kadıköy, ``P-2`` is to be prepared there; ``jacket`` has eight movements at the depot."""

    def __init__(self, url: str = URL) -> None:
        super().__init__(url)
        desk = self.stock_desk
        for name, label, serves in ((KADIKOY, "Kadıköy", True), ("nisantasi", "Nişantaşı", True), (DEPOT, "", False)):
            levels.put_location(desk, name, {"label": label, "pickup": serves, "safety": 1})
        for id_, name in (("jacket", "Snow jacket, blue"), ("boots", "Winter boots"), ("hostile", HOSTILE[0])):
            body = {"name": name, "price": "1999.90", "currency": "TRY", "brand": HOSTILE[1][:60]}
            products.put_one(desk, id_, body)
        for number in range(7):
            self.move("receipt", "jacket", DEPOT, 2, f"r-{number}")
        self.move("sale", "jacket", DEPOT, 1, "s-1")
        self.move("receipt", "jacket", KADIKOY, 5, "r-8")
        self.move("receipt", HOSTILE[2][:40], KADIKOY, 5, "r-9")
        reservations.create(
            desk, {"key": "hold-1", "order_id": "S-9", "sku": "jacket", "quantity": 1, "location": DEPOT}
        )
        self.pickup("P-1", "jacket", 2)
        self.pickup("P-2", HOSTILE[2][:40], 1)
        pickups.ready(desk, "P-1", {})

    def move(self, kind: str, sku: str, location: str, quantity: int, key: str) -> None:
        body = {"key": key, "kind": kind, "sku": sku, "quantity": quantity, "location": location}
        movements.move(self.stock_desk, body)
        self.clock.advance(timedelta(minutes=1))

    def pickup(self, key: str, sku: str, quantity: int, location: str = KADIKOY) -> None:
        body: dict[str, Any] = {"key": key, "customer": "user:42", "order_id": f"S-{key}", "location": location}
        pickups.create(self.stock_desk, {**body, "sku": sku, "quantity": quantity})

    def code(self, key: str) -> str:
        """What its customer was told."""
        found = self.stock_desk.pickups.read(key)
        assert found is not None
        return found.code

    def state(self, key: str) -> str:
        found = self.stock_desk.pickups.read(key)
        assert found is not None
        return found.state
