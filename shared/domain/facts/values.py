"""Reading what channels send: bounded, typed, and never an exception. What cannot be read is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.domain.events.amounts import read_amount
from shared.domain.facts.cart import MAX_QUANTITY
from shared.domain.facts.newest import canonical
from shared.domain.identity.keys import safe_id

MAX_TEXT = 500
MAX_TRAIT = 512
MAX_ID = 100
"""Bytes of an id in UTF-8: of Latin letters and digits so many characters."""
MAX_DETAILS = 600
"""Characters of JSON that a cart or wishlist keeps of one product. With the other bounds, facts stay below 400 KB
however hostile the events are; what does not fit is in the log."""
MAX_PRODUCTS = 200
"""Products read from one event; an event holds 32 KB, so more are not meant seriously."""
_MAX_MONEY = Decimal(10) ** 12
_CENTS = Decimal("0.01")

DETAILS = ("name", "price", "currency", "variant", "url", "image_url", "sku", "brand", "category")
"""In the order in which they matter: what does not fit any more is left out, never cut (half an address is none)."""
_LINKS = frozenset({"url", "image_url"})


def text(value: Any, longest: int = MAX_TEXT) -> str:
    """A short text; numbers become text, everything else is empty."""
    if type(value) is str:
        return value.strip()[:longest]
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[:longest]


def number(value: Any) -> Decimal | None:
    """A finite number below 10^12 in size, from a number or its text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read) < _MAX_MONEY else None


def amount(value: Any) -> Decimal | None:
    """An amount of money as shops write it (``read_amount``); None if it cannot be read for certain."""
    read = read_amount(value)
    return read if isinstance(read, Decimal) else None


def money(value: Any) -> str | None:
    """An amount that is not negative, in text, rounded to cents."""
    read = amount(value)
    if read is None or read < 0:
        return None
    return format(read.quantize(_CENTS), "f")


def quantity(value: Any, missing: int = 1) -> int:
    """Whole pieces from 0 to MAX_QUANTITY; ``missing`` if not said or not readable."""
    read = number(value)
    return missing if read is None else max(0, min(int(read), MAX_QUANTITY))


def id_of(value: Any) -> str:
    """An id that fits into facts: as the channel wrote it, because people look for it; empty if there is none. The
    number 1001.0 is 1001, since some senders write each number with a point.

    A digest takes its place if it is longer than MAX_ID bytes, holds what cannot be printed, or looks like a digest.
    """
    whole = isinstance(value, float) and value.is_integer()
    raw = text(int(value) if whole else value, 10_000)
    if raw.isprintable() and not raw.startswith("~") and len(raw.encode()) <= MAX_ID:
        return raw
    return safe_id(raw)


def product_id(product: Mapping[str, Any]) -> str:
    for name in ("product_id", "id", "sku"):
        found = id_of(product.get(name))
        if found:
            return found
    return ""


def sku_or_product(product: Mapping[str, Any]) -> str:
    """The variant if the event names one, else the product."""
    return id_of(product.get("sku")) or product_id(product)


def details(product: Mapping[str, Any], currency: Any = None) -> dict[str, Any]:
    """What messages and carts show of a product, as the event gave it."""
    kept: dict[str, Any] = {}
    room = MAX_DETAILS
    for name in DETAILS:
        value = money(product.get(name)) if name == "price" else text(product.get(name), _longest(name))
        room -= len(canonical({name: value})) if value else 0
        if value and room >= 0:
            kept[name] = value
    if "price" in kept and "currency" not in kept and text(currency):
        kept["currency"] = text(currency, 3)
    return kept


def _longest(name: str) -> int:
    """Links are whole or absent, so they may be as long as they like; words are cut."""
    return MAX_DETAILS if name in _LINKS else 120


def products(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The products of an event that lists them."""
    listed = properties.get("products")
    if isinstance(listed, list):
        yield from (product for product in listed[:MAX_PRODUCTS] if isinstance(product, Mapping))


def trait_fits(value: Any) -> bool:
    """Whether a trait is small enough to be remembered; larger ones stay in the log only."""
    return len(canonical(value)) <= MAX_TRAIT
