"""What of an accepted event cannot be used: told to the sender, who would not learn of it otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from shared.domain.events.amounts import read_amount
from shared.domain.events.event import Event, EventType
from shared.domain.facts.values import MAX_PRODUCTS, id_of, number, product_id
from shared.domain.identity.identifiers import IdentifierType

WarningCode = Literal[
    "not_an_address", "missing", "ambiguous_amount", "not_an_amount", "negative_amount", "not_a_list", "too_many",
    "not_an_object", "not_a_quantity", "not_a_currency", "names_nobody", "test_order", "not_a_product",
    "not_supported", "not_a_time", "bad_expression",
]  # fmt: skip
"""What is counted of a warning; docs/api.md explains each."""
AMOUNTS = ("total", "subtotal", "revenue", "value", "shipping", "tax", "discount", "amount", "price", "old_price")
QUANTITY, CURRENCY, PRODUCT_ID, ORDER_ID, PRODUCTS = "quantity", "currency", "product_id", "order_id", "products"
NAMES_A_PRODUCT = frozenset(
    {
        "Product Viewed",
        "Product Added",
        "Product Removed",
        "Product Quantity Changed",
        "Wishlist Product Added to Cart",
        "Product Added to Wishlist",
        "Product Removed from Wishlist",
    }
)
"""Events that change nothing if they name no product."""
MOST = 20
"""Told of one event; a list of two hundred broken prices is said well enough by its first."""
_CURRENCY_CODE = re.compile(r"\s*[A-Za-z]{3}\s*")
_ADDRESSES = {"email": IdentifierType.EMAIL, "phone": IdentifierType.PHONE}
_NO_ADDRESS = {"email": "is not an e-mail address", "phone": "is not a phone number; write it as +905551112233"}
_NO_AMOUNT: dict[str, tuple[str, WarningCode]] = {
    "two_ways": ("can be read in two ways; write 1299 or 1.30, without a sign for thousands", "ambiguous_amount"),
    "no_amount": ("is not an amount; write it as 1299.90", "not_an_amount"),
}
_NO_PRODUCT = "is missing; the product cannot be told from others"

SHOP_FIELDS = (
    "topic", "order", "refund", "fulfilment", "checkout", "customer", "consent", "line_items", "line_items[]",
    "product", "variants", "variants[]", "inventory_item", "inventory_level", "inventory_level.available", "mapping",
    "events[]", "products[]", "stock[]",
)  # fmt: skip
"""Parts of what a connected shop sends (docs/connectors.md)."""
FIELDS = frozenset(
    {
        *(f"shop.{name}" for name in SHOP_FIELDS),
        *(f"traits.{name}" for name in _ADDRESSES),
        *(f"properties.{name}" for name in (*AMOUNTS, QUANTITY, CURRENCY, PRODUCT_ID, ORDER_ID, PRODUCTS)),
        "properties.products[]",
        *(f"properties.products[].{name}" for name in (*AMOUNTS, QUANTITY, CURRENCY, PRODUCT_ID)),
    }
)
"""Every field that a warning may name, without its place in a list. A name that a sender chose is never one of them."""


class FieldWarning(Struct, frozen=True):
    """``field``: its place in the event (``properties.products.0.price``). ``reason``: never repeats the value."""

    field: str
    reason: str
    code: WarningCode


def warnings_of(event: Event) -> tuple[FieldWarning, ...]:
    """The first of what cannot be used, in the order of the event."""
    found: list[FieldWarning] = []
    for one in _all(event):
        found.append(one)
        if len(found) == MOST:
            break
    return tuple(found)


def _all(event: Event) -> Iterator[FieldWarning]:
    for name, kind in _ADDRESSES.items():
        if event.traits.get(name) not in (None, "") and all(known.type is not kind for known in event.identifiers):
            yield FieldWarning(f"traits.{name}", _NO_ADDRESS[name], "not_an_address")
    if event.type is not EventType.TRACK:
        return
    said = event.properties
    if event.name.startswith("Order ") and not id_of(said.get(ORDER_ID)):
        yield FieldWarning("properties.order_id", "is missing; later events cannot speak of this order", "missing")
    if event.name == "Order Completed" and all(said.get(name) in (None, "") for name in ("total", "revenue")):
        yield FieldWarning("properties.total", "is missing; the order counts with 0", "missing")
    if event.name in NAMES_A_PRODUCT and not product_id(said):
        yield FieldWarning("properties.product_id", _NO_PRODUCT, "missing")
    yield from _values("properties", said)
    listed = said.get(PRODUCTS)
    if listed is None:
        if event.name == "Cart Updated":
            yield FieldWarning("properties.products", "is missing; the cart stays as it was", "missing")
        return
    if not isinstance(listed, list):
        yield FieldWarning("properties.products", "is not a list", "not_a_list")
        return
    if len(listed) > MAX_PRODUCTS:
        yield FieldWarning(
            "properties.products", f"holds more than {MAX_PRODUCTS} products; the rest is left out", "too_many"
        )
    for place, product in enumerate(listed[:MAX_PRODUCTS]):
        yield from _product(f"properties.products.{place}", product)


def _product(path: str, product: Any) -> Iterator[FieldWarning]:
    if not isinstance(product, Mapping):
        yield FieldWarning(path, "is not an object", "not_an_object")
        return
    if not product_id(product):
        yield FieldWarning(f"{path}.product_id", _NO_PRODUCT, "missing")
    yield from _values(path, product)


def _values(path: str, said: Mapping[str, Any]) -> Iterator[FieldWarning]:
    for name in AMOUNTS:
        value = said.get(name)
        if value is None or value == "":
            continue
        read = read_amount(value)
        if isinstance(read, str):
            yield FieldWarning(f"{path}.{name}", *_NO_AMOUNT[read])
        elif read < 0:
            yield FieldWarning(
                f"{path}.{name}", "is negative; send what is given back as Order Refunded", "negative_amount"
            )
    pieces = said.get(QUANTITY)
    if pieces is not None and not _is_quantity(pieces):
        yield FieldWarning(f"{path}.quantity", "is not a whole number of pieces; write it as 2", "not_a_quantity")
    currency = said.get(CURRENCY)
    if currency not in (None, "") and not (isinstance(currency, str) and _CURRENCY_CODE.fullmatch(currency)):
        yield FieldWarning(f"{path}.currency", "is not a currency of three letters, such as TRY", "not_a_currency")


def _is_quantity(value: Any) -> bool:
    if type(value) is int:
        return value >= 0
    read = number(value)
    return read is not None and read >= 0 and read == read.to_integral_value()
