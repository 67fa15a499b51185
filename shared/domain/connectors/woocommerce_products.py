"""Products of WooCommerce, and how many pieces of each can be sold.

Form: https://woocommerce.github.io/woocommerce-rest-api-docs, resource Product; a variation is a product of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.payload import id_text, milliseconds_of, objects_at, text, whole_number
from shared.domain.connectors.shopify_orders import NO_ID
from shared.domain.connectors.translation import ONLY_LOCATION, ItemSku, ShopLevel, Translation
from shared.domain.events.amounts import read_amount
from shared.domain.products.product import MOST_CATEGORIES
from shared.domain.stock.level import MOST

_STATUS = {"instock": "in_stock", "outofstock": "out_of_stock", "onbackorder": "backorder"}


def read_product(product: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """A product, called by its sku, or by its number if it has none. One that only groups variations costs nothing
    by itself: its variations are told apart."""
    id_, updated = id_text(product.get("id")), milliseconds_of(product.get("date_modified_gmt"))
    if not id_ or updated is None:
        told.warn("product", NO_ID, "missing")
        return
    own = text(product.get("sku"), 100) or id_
    if text(product.get("type")) not in {"variable", "grouped"}:
        told.take_product(_product(product, own, connector), updated, "product")
    tracked = product.get("manage_stock") is True
    told.items.append(ItemSku(id_, own, updated, tracked=tracked))
    if tracked:
        quantity = whole_number(product.get("stock_quantity"))
        if quantity is None or abs(quantity) > MOST:
            told.warn("product", "has a stock that is no whole number of pieces", "not_a_quantity")
            return
        if quantity < 0:
            told.warn("product", "has a stock below zero, so too many were sold; taken as 0", "not_a_quantity")
        told.levels.append(ShopLevel(id_, connector.location, max(0, quantity), updated, number=ONLY_LOCATION))


def _product(product: Mapping[str, Any], own: str, connector: Connector) -> dict[str, Any]:
    regular, now = read_amount(product.get("regular_price")), read_amount(product.get("price"))
    reduced = isinstance(regular, Decimal) and isinstance(now, Decimal) and regular > now
    words = [text(one.get("name"), 200) for one in objects_at(product, "categories")]
    pictures = [text(one.get("src"), 2_000) for one in objects_at(product, "images")]
    published = text(product.get("status")) in {"publish", ""}
    return {
        "id": own,
        "name": text(product.get("name"), 200),
        "group": id_text(product.get("parent_id")),
        "categories": [word for word in words if word][:MOST_CATEGORIES],
        "price": format(regular, "f") if reduced and isinstance(regular, Decimal) else text(product.get("price"), 40),
        "sale_price": format(now, "f") if reduced and isinstance(now, Decimal) else None,
        "currency": connector.currency,
        "availability": _STATUS.get(text(product.get("stock_status")), "in_stock") if published else "out_of_stock",
        "url": _secure(text(product.get("permalink"), 2_000)),
        "image_url": next((one for one in map(_secure, pictures) if one), ""),
    }


def _secure(address: str) -> str:
    """Only https is shown in messages; an address with other letters than those of ASCII is left out."""
    return address if address.startswith("https://") and address.isascii() else ""
