"""A connected shop in memory: its deliveries go through ingest, what follows of stock through the worker."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from functions.stock.shop_environment import shop_work_on
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.shop_jobs import read_job
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.stores.connectors import put_connector
from shared.stores.event_items import read_event
from shared.stores.products import Products, StoredProduct
from shared.stores.stock import StockStore
from tests.unit.ingest.world import NOW, World, http_event

SECRET = "the-shops-secret"
Delivery = tuple[str, dict[str, Any]]
"""Topic and body."""
SHOPIFY = Connector(
    connector="moda", platform="shopify", shop="moda.myshopify.com", currency="TRY",
    storefront="https://moda.example", locations={"655": "kadikoy"},
)  # fmt: skip
WOO = Connector(connector="atolye", platform="woocommerce", shop="atolye.example", currency="TRY")


def signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class ShopWorld(World):
    """``deliver`` answers as a shop sees it; ``work`` lets stock's worker take what is queued."""

    def __init__(self, *connectors: Connector) -> None:
        super().__init__()
        for one in connectors or (SHOPIFY, WOO):
            put_connector(self.catalog, one)
            self.hook_secrets[one.secrets] = {"secret": SECRET}
        self.stock, self.products = (MemoryTable(indexes=INDEXES[name]) for name in ("stock", "products"))
        self.worker = shop_work_on(
            stock=self.stock, products=self.products, timers=self.timers, catalog=self.catalog,
            elapsed=lambda: self.clock.time.timestamp(), pause=lambda _attempt: None,
        )  # fmt: skip

    def deliver(
        self, topic: str, content: Any, connector: Connector = SHOPIFY, secret: str = SECRET, /, **headers: str
    ) -> tuple[int, Any]:
        """One signed delivery."""
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        given = headers_of(connector, topic, signature(body, secret)) | headers
        return self.send(http_event("POST", f"/v1/hooks/shops/{connector.connector}", body.decode(), given))

    def work(self) -> dict[str, int]:
        """Takes every queued message, once."""
        bodies, self.stock_work.bodies = self.stock_work.bodies, []
        done: dict[str, int] = {}
        for body in bodies:
            for name, amount in self.worker.take(read_job(body), self.clock.now()).items():
                done[name] = done.get(name, 0) + amount
        return done

    def deliver_in_any_order(self, told: Sequence[Delivery], connector: Connector, rng: random.Random) -> None:
        """Everything, shuffled and repeated at ingest, shuffled and repeated again in the queue."""
        given = [*told, *rng.choices(told, k=len(told))]
        rng.shuffle(given)
        for topic, content in given:
            assert self.deliver(topic, content, connector)[0] == 200
            if rng.random() < 0.3:
                rng.shuffle(self.stock_work.bodies)
                self.work()
        self.stock_work.bodies += self.stock_work.bodies[::2]
        rng.shuffle(self.stock_work.bodies)
        self.work()

    def log(self) -> list[Event]:
        """Every event of every customer."""
        items = [item for item in self.customers.items() if str(item["sk"]).startswith("t#")]
        return sorted(map(read_event, items), key=lambda one: (one.time, one.message_id))

    def customer(self) -> Profile:
        """All events as one customer: the tests' shops have one."""
        return profile(self.log())

    def on_hand(self, sku: str) -> dict[str, int]:
        """Pieces by location, without those that have none."""
        levels = StockStore(self.stock).levels(sku)
        return {one.place.location: one.level.on_hand for one in levels if one.level.on_hand}

    def product(self, id_: str) -> StoredProduct | None:
        return Products(self.products).read([id_]).get(id_)


def headers_of(connector: Connector, topic: str, signed: str) -> dict[str, str]:
    if connector.platform == "woocommerce":
        return {
            "content-type": "application/json", "x-wc-webhook-signature": signed, "x-wc-webhook-topic": topic,
            "x-wc-webhook-source": "https://atolye.example/", "x-wc-webhook-delivery-id": "1",
        }  # fmt: skip
    return {
        "content-type": "application/json", "x-shopify-hmac-sha256": signed, "x-shopify-topic": topic,
        "x-shopify-shop-domain": "moda.myshopify.com", "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    }  # fmt: skip


def profile(events: Iterable[Event]) -> Profile:
    facts = fold(Facts(), events, Features())
    return profile_of("root", ("root",), (), facts)


def shopify_order(**changed: Any) -> dict[str, Any]:
    """As ``orders/updated`` sends it, shortened to what is read and some of what is not."""
    return {
        "id": 820982911946154508, "name": "#1001", "test": False, "email": "ayse@example.com", "phone": None,
        "created_at": "2026-11-20T11:59:00+03:00", "updated_at": "2026-11-20T11:59:05+03:00", "cancelled_at": None,
        "cancel_reason": None, "currency": "TRY", "total_price": "1299.90", "subtotal_price": "1250.00",
        "total_tax": "200.00", "total_discounts": "50.00", "financial_status": "paid", "cart_token": "c1",
        "total_shipping_price_set": {"shop_money": {"amount": "49.90", "currency_code": "TRY"}},
        "discount_codes": [{"code": "KIS10", "amount": "50.00", "type": "fixed_amount"}],
        "customer": {"id": 115310627314723954, "email": "ayse@example.com", "phone": "+905321112233"},
        "shipping_address": {"phone": "+905559998877", "city": "İzmir"},
        "line_items": [
            {"id": 1, "variant_id": 808950810, "product_id": 632910392, "sku": "mont-m", "title": "Kar montu",
             "variant_title": "M", "vendor": "Kervan", "price": "1299.90", "quantity": 1},
        ],
        "refunds": [], "fulfillments": [],
        **changed,
    }  # fmt: skip


def shopify_product(**changed: Any) -> dict[str, Any]:
    return {
        "id": 632910392, "title": "Kar montu", "vendor": "Kervan", "product_type": "Mont", "handle": "kar-montu",
        "status": "active", "updated_at": "2026-11-20T10:00:00+03:00",
        "image": {"src": "http://cdn.shopify.com/mont.png"}, "images": [{"id": 7, "src": "https://cdn.shopify.com/m.png"}],
        "variants": [
            {"id": 808950810, "sku": "mont-m", "title": "M", "price": "1299.90", "compare_at_price": "1499.90",
             "inventory_item_id": 39072856, "inventory_management": "shopify", "inventory_quantity": 4, "image_id": 7},
            {"id": 808950811, "sku": "", "title": "L", "price": "1499.90", "compare_at_price": None,
             "inventory_item_id": 39072857, "inventory_management": "shopify", "inventory_quantity": 0},
        ],
        **changed,
    }  # fmt: skip


def shopify_level(available: Any = 4, item: int = 39072856, at: str = "2026-11-20T10:00:00+03:00") -> dict[str, Any]:
    return {"inventory_item_id": item, "location_id": 655, "available": available, "updated_at": at}


def woo_order(**changed: Any) -> dict[str, Any]:
    return {
        "id": 727, "number": "727", "status": "processing", "currency": "TRY", "customer_id": 26,
        "date_created_gmt": "2026-11-20T09:00:00", "date_modified_gmt": "2026-11-20T09:00:10",
        "date_paid_gmt": "2026-11-20T09:00:10", "date_completed_gmt": None, "total": "299.90", "total_tax": "50.00",
        "shipping_total": "20.00", "discount_total": "0.00", "coupon_lines": [{"code": "yaz"}],
        "billing": {"email": "ali@example.com", "phone": "0532 111 22 33"},
        "line_items": [{"id": 1, "product_id": 93, "variation_id": 0, "sku": "bere", "name": "Yün bere",
                        "quantity": 2, "price": 149.95}],
        "refunds": [],
        **changed,
    }  # fmt: skip


def woo_product(**changed: Any) -> dict[str, Any]:
    return {
        "id": 93, "sku": "bere", "name": "Yün bere", "type": "simple", "status": "publish", "price": "149.95",
        "regular_price": "199.95", "stock_status": "instock", "manage_stock": True, "stock_quantity": 12,
        "date_modified_gmt": "2026-11-20T08:00:00", "permalink": "https://atolye.example/urun/bere",
        "images": [{"src": "https://atolye.example/bere.png"}], "categories": [{"name": "Bere"}],
        **changed,
    }  # fmt: skip


__all__ = ["NOW", "SECRET", "SHOPIFY", "WOO", "ShopWorld"]
