"""What one delivery of a shop becomes: bodies of the tracking API, products, levels, and what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain.events.size_limits import EVENT_BYTES, event_bytes
from shared.domain.events.warnings import FieldWarning, WarningCode
from shared.domain.products.product import Product, ProductRefused, read_product, unspoken

ONLY_LOCATION = "-"
"""The number of the location of a shop that has one."""
MOST_UNUSABLE = 20
"""Told of one delivery."""
_ENVELOPE = 4_096
"""Bytes of an event beside its products."""


@dataclass(frozen=True, slots=True)
class DatedProduct:
    """A product as it was at an instant of the shop's clock, in milliseconds. ``keeps``: fields of which the source
    says nothing, so they stay as they are."""

    product: Product
    at_ms: int
    keeps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ItemSku:
    """How an item of the shop's stock was called at an instant, and whether the shop counts its pieces. ``named_ms``:
    since when both are so, where that is known."""

    item: str
    sku: str
    at_ms: int
    named_ms: int = 0
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class ShopLevel:
    """How many pieces of an item could be sold at a location. Of two with one instant the greater ``tie_ms`` counts,
    then the smaller quantity, so that nothing is promised that may not be there. ``number``: what the shop calls the
    location, which our name of it may change beside."""

    item: str
    location: str
    quantity: int
    at_ms: int
    tie_ms: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class ItemGone:
    """An item of the shop's stock that was deleted."""

    item: str
    at_ms: int


@dataclass(slots=True)
class Translation:
    """``events`` are bodies of the tracking API; ``unusable``: what was sent and says nothing that can be used."""

    events: list[dict[str, Any]] = field(default_factory=list)
    products: list[DatedProduct] = field(default_factory=list)
    items: list[ItemSku] = field(default_factory=list)
    levels: list[ShopLevel] = field(default_factory=list)
    gone: list[ItemGone] = field(default_factory=list)
    unusable: list[FieldWarning] = field(default_factory=list)

    def warn(self, where: str, reason: str, code: WarningCode) -> None:
        """Note what cannot be used. ``reason`` repeats nothing of what was sent."""
        if len(self.unusable) < MOST_UNUSABLE:
            self.unusable.append(FieldWarning(f"{SHOP}{where}", reason, code))

    def add(self, event: dict[str, Any]) -> None:
        """An event; of one that is larger than the API takes, so many products are left out that it fits."""
        size, products = event_bytes(event), event.get("properties", {}).get("products")
        if size > EVENT_BYTES and isinstance(products, list) and products:
            kept = len(products) * (EVENT_BYTES - _ENVELOPE) // size
            event["properties"]["products"] = products[:kept]
            self.warn("line_items", "is larger than an event may be; the rest is left out", "too_many")
        self.events.append(event)

    def take_product(self, given: Mapping[str, Any], at_ms: int, where: str) -> bool:
        """A product in the form of the API; what cannot be read becomes a warning, and the answer is False. A field
        that is not among those given is not spoken of."""
        try:
            product = read_product({name: value for name, value in given.items() if value not in (None, "", [])})
        except ProductRefused as refused:
            self.warn(where, f"is not taken: {refused}", "not_a_product")
            return False
        self.products.append(DatedProduct(product, at_ms, unspoken(given)))
        return True

    def bound(self, latest_ms: int) -> None:
        """Date nothing later than an instant: what is dated ahead would keep later news out until then."""
        dated = [one.at_ms for one in self.products] + [one.at_ms for one in self.items]
        if max([*dated, *(one.at_ms for one in self.levels)], default=0) > latest_ms:
            self.warn("updated_at", "lies in the future, so it counts as of now", "not_a_time")
        self.products = [replace(one, at_ms=min(one.at_ms, latest_ms)) for one in self.products]
        self.items = [replace(one, at_ms=min(one.at_ms, latest_ms)) for one in self.items]
        self.levels = [
            replace(one, at_ms=min(one.at_ms, latest_ms), tie_ms=min(one.tie_ms, latest_ms)) for one in self.levels
        ]


SHOP = "shop."
"""What the fields of a delivery begin with, where warnings name them."""
