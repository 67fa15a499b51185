"""Products, items and levels of Shopify.

Forms: https://shopify.dev/docs/api/admin-rest, resources Product, InventoryItem, InventoryLevel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.payload import id_text, milliseconds_of, object_at, objects_at, text, whole_number
from shared.domain.connectors.shopify_orders import NO_ID
from shared.domain.connectors.translation import ItemSku, ShopLevel, Translation
from shared.domain.events.amounts import read_amount
from shared.domain.stock.level import MOST

MOST_VARIANTS = 2_048
"""What Shopify allows of a product."""


def read_products(product: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """Each variant is a product of ours, called by its sku, or by the variant's number if it has none."""
    id_, updated = id_text(product.get("id")), milliseconds_of(product.get("updated_at"))
    if not id_ or updated is None:
        told.warn("product", NO_ID, "missing")
        return
    pictures = {id_text(one.get("id")): _secure(one.get("src")) for one in objects_at(product, "images")}
    first = _secure(object_at(product, "image").get("src")) or next(iter(pictures.values()), "")
    for place, variant in enumerate(objects_at(product, "variants")):
        if place == MOST_VARIANTS:
            told.warn("variants", f"holds more than {MOST_VARIANTS} variants; the rest is left out", "too_many")
            return
        number = id_text(variant.get("id"))
        own = text(variant.get("sku"), 100) or number
        if not own:
            told.warn("variants[]", "has neither sku nor id", "missing")
            continue
        picture = pictures.get(id_text(variant.get("image_id"))) or first
        told.take_product(_product(product, variant, own, picture, connector), updated, "variants[]")
        item = id_text(variant.get("inventory_item_id"))
        if item and "inventory_management" in variant:  # one that nobody counts may have been counted before
            # Its name is "shopify" or that of a fulfilment service; both count.
            told.items.append(ItemSku(item, own, updated, tracked=bool(text(variant["inventory_management"]))))


def read_item(item: Mapping[str, Any], told: Translation) -> None:
    """What an item of the stock is called now; one without a sku is called as its product says."""
    id_, sku, at_ms = id_text(item.get("id")), text(item.get("sku"), 100), milliseconds_of(item.get("updated_at"))
    if not id_ or at_ms is None:
        told.warn("inventory_item", NO_ID, "missing")
    elif sku:
        told.items.append(ItemSku(id_, sku, at_ms, tracked=item.get("tracked") is not False))


def read_level(level: Mapping[str, Any], triggered_ms: int, connector: Connector, told: Translation) -> None:
    """How many pieces of an item can be sold at a location. What Shopify promised already is not among them."""
    item, location = id_text(level.get("inventory_item_id")), id_text(level.get("location_id"))
    at_ms = milliseconds_of(level.get("updated_at"))
    if not item or not location or at_ms is None:
        told.warn("inventory_level", NO_ID, "missing")
        return
    quantity = whole_number(level.get("available"))
    if quantity is None or abs(quantity) > MOST:
        told.warn("inventory_level.available", "is no number of pieces; the item may not be tracked", "not_a_quantity")
        return
    if quantity < 0:
        told.warn("inventory_level.available", "is below zero, so too many were sold; taken as 0", "not_a_quantity")
    place = connector.place_of(location)
    told.levels.append(ShopLevel(item, place, max(0, quantity), at_ms, triggered_ms, location))


def read_disconnect(level: Mapping[str, Any], at_ms: int, connector: Connector, told: Translation) -> None:
    """An item that lies at a location no more. The body names no time, so it is when it was told."""
    item, location = id_text(level.get("inventory_item_id")), id_text(level.get("location_id"))
    if not item or not location:
        told.warn("inventory_level", NO_ID, "missing")
        return
    told.levels.append(ShopLevel(item, connector.place_of(location), 0, at_ms, number=location))


def _product(
    product: Mapping[str, Any], variant: Mapping[str, Any], own: str, picture: str, connector: Connector
) -> dict[str, Any]:
    title, of = text(product.get("title"), 150), text(variant.get("title"), 48)
    price, before = variant.get("price"), read_amount(variant.get("compare_at_price"))
    now = read_amount(price)
    reduced = isinstance(now, Decimal) and isinstance(before, Decimal) and before > now
    handle = text(product.get("handle"), 255)
    address = f"{connector.storefront}/products/{handle}?variant={id_text(variant.get('id'))}"
    url = {"url": address if handle and handle.isascii() else ""} if connector.storefront else {}
    return url | {
        "id": own,
        "name": title if of in {"", "Default Title", title} else f"{title}, {of}",
        "group": id_text(product.get("id")),
        "brand": text(product.get("vendor"), 200),
        "categories": [text(product.get("product_type"), 200)] if text(product.get("product_type")) else [],
        "price": format(before, "f") if reduced and isinstance(before, Decimal) else text(price, 40),
        "sale_price": format(now, "f") if reduced and isinstance(now, Decimal) else None,
        "currency": connector.currency,
        "availability": _availability(product, variant),
        "image_url": picture,
    }


def _availability(product: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    if text(product.get("status")) in {"draft", "archived"} or variant.get("available") is False:
        return "out_of_stock"
    untracked = variant.get("inventory_management") in (None, "")
    quantity = whole_number(variant.get("inventory_quantity"))
    if untracked or quantity is None or quantity > 0:
        return "in_stock"
    return "backorder" if variant.get("inventory_policy") == "continue" else "out_of_stock"


def _secure(address: Any) -> str:
    found = text(address, 2_000)
    return "https://" + found.removeprefix("http://") if found.startswith("http://") else found
