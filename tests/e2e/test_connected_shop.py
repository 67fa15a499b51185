"""A Shopify shop reports to the whole stack: customer, order and stock are there, once, whatever repeats."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from cli.catalog import catalog_table
from cli.deployment.sender_secrets import put_sender_secret
from cli.local import clock
from shared.domain.connectors.connector import Connector
from shared.stores.connectors import put_connector
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
SECRET = "the-secret-of-the-shop"


def deliver(kervan: Kervan, name: str, topic: str, content: Any, secret: str = SECRET) -> tuple[int, Any]:
    body = json.dumps(content).encode()
    signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"content-type": "application/json", "x-shopify-topic": topic, "x-shopify-hmac-sha256": signed}
    status, _, said = kervan.http("POST", f"/v1/hooks/shops/{name}", body, headers)
    return status, said


def asked(kervan: Kervan, path: str) -> Any:
    """An answer of the function of stock."""
    headers = {"authorization": f"Bearer {kervan.api.key}"}
    status, _, found = kervan.http("GET", path, None, headers)
    assert status == 200, found
    return found


def test_a_shop_reports_orders_products_and_stock(kervan: Kervan, name: str) -> None:
    """The level before the product, each of them twice, and a stranger between."""
    shop = f"e2e-{name[-8:].lower()}".replace("_", "-")
    catalog = catalog_table("local")
    put_connector(catalog.table, Connector(connector=shop, platform="shopify", currency="TRY"))
    put_sender_secret("local", "hooks", f"shop-{shop}", "secret", SECRET)
    catalog.use_at_once()
    now = clock.now()
    at, sku = now.isoformat(), f"mont-{name}"
    order = {
        "id": 1001, "name": f"#{name}", "email": f"{name}@example.com",
        "created_at": at, "updated_at": at, "currency": "TRY", "total_price": "1299.90",
        "line_items": [{"sku": sku, "title": "Kar montu", "price": "1299.90", "quantity": 1}],
    }  # fmt: skip
    variant = {"id": 5, "sku": sku, "price": "1299.90", "inventory_item_id": 77, "inventory_management": "shopify"}
    product = {"id": 4, "title": "Kar montu", "updated_at": at, "variants": [variant]}
    level = {"inventory_item_id": 77, "location_id": 655, "available": 6, "updated_at": at}
    newer = level | {"available": 5, "updated_at": (now + timedelta(seconds=5)).isoformat()}

    assert deliver(kervan, shop, "orders/create", order, "guessed")[0] == 401
    told = [("inventory_levels/update", newer), ("orders/create", order), ("products/update", product)]
    for topic, content in (*told, ("inventory_levels/update", level), *told):
        status, said = deliver(kervan, shop, topic, content)
        assert (status, said["warnings"]) == (200, []), topic
    kervan.settle()

    customer = kervan.api.get(f"/v1/customers/email:{name}@example.com")
    assert (customer["orders"]["count"], customer["orders"]["total"]) == (1, 1299.9)
    assert asked(kervan, f"/v1/stock/{sku}")["total"]["on_hand"] == 5
    assert asked(kervan, f"/v1/products/{sku}")["name"] == "Kar montu"
    [counted] = [one for one in kervan.api.get("/v1/sources")["items"] if one["name"] == shop]
    assert (counted["events"], counted["refused"]) == (4, [{"reason": "bad_signature", "count": 1}])
