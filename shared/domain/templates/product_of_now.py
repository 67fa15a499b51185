"""One product of a message, as the shop's products and its stock know it when the message is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.facts import values
from shared.domain.products.product import SOLD, Product
from shared.domain.profile.profile import Line
from shared.domain.stock.of_now import StockOfNow
from shared.domain.templates.display_values import amount_of

SOLD_WITHOUT_STOCK = frozenset({"preorder", "backorder"})
"""Availabilities that sell what is not there yet."""
Found = dict[str, Any]
"""What evidence says: ``because`` is ``stock`` or ``catalogue``, ``at`` since when."""


class ProductsOfNow(Struct, frozen=True):
    """``products`` by id, ``changed`` since when they are as they are; ``now`` is the moment of sending."""

    products: Mapping[str, Product] = field(default_factory=dict)
    stock: StockOfNow = StockOfNow()
    changed: Mapping[str, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """False if neither products nor stock are known: then everything is shown as it was told."""
        return bool(self.products or self.stock.levels or self.stock.locations)

    def product(self, line: Line) -> Product | None:
        """The product of a line; None if the shop's products do not know it."""
        return next((self.products[one] for one in ids_of(line.product_id, line.details) if one in self.products), None)

    def sold_out(self, line: Line) -> Found | None:
        """Why it cannot be ordered; None if it can, or if nobody knows.

        The stock decides where it knows the sku: whether any location has a piece that may be promised. Else the
        product's availability does. What is sold before it is there (preorder, backorder) is never sold out.
        """
        product, levels = self.product(line), self.stock.of(ids_of(line.product_id, line.details))
        if levels:
            sold = product is not None and product.availability in SOLD_WITHOUT_STOCK
            if sold or any(left.has(1) for left in levels):
                return None
            since = [left.since for left in levels if left.since is not None]
            return {"because": "stock", "left": "0", "at": max(since, default=None)}
        if product is None or product.availability in SOLD:
            return None
        return {"because": "catalogue", "availability": product.availability, "at": self.changed.get(product.id)}

    def dearer(self, line: Line) -> Found | None:
        """What it was told to cost and costs now, if that is more; amounts in different currencies are not compared."""
        known, told = self.product(line), amount_of(line.details.get("price"))
        if known is None or told is None or not _same_currency(line.details, known) or known.costs <= told:
            return None
        now = {"told": str(told), "costs": str(known.costs), "currency": known.currency}
        return {"because": "catalogue", **now, "at": self.changed.get(known.id)}

    def line(self, line: Line) -> Line:
        """The line with name, price and pictures of now."""
        return replace(line, details=self.details(line))

    def details(self, line: Line) -> Mapping[str, Any]:
        """What is shown of a line, with name, price and pictures of now."""
        return _details(line.details, self.product(line))


def ids_of(id_: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of a product, the sku first."""
    sku = values.id_of(details["sku"]) if "sku" in details else ""
    if not sku or sku == id_:
        return (id_,) if id_ else ()
    return (sku, id_) if id_ else (sku,)


def _same_currency(details: Mapping[str, Any], product: Product) -> bool:
    return details.get("currency") in {None, "", product.currency}


def _details(details: Mapping[str, Any], product: Product | None) -> Mapping[str, Any]:
    """The details with what the catalogue knows; an old price that is not higher any more goes."""
    if product is None:
        return details
    now: dict[str, Any] = {"name": product.name, "price": str(product.costs), "currency": product.currency}
    now |= {"image_url": product.image_url} if product.image_url else {}
    now |= {"url": product.url} if product.url else {}
    now |= {"brand": product.brand} if product.brand else {}
    before = amount_of(details.get("old_price"))
    if product.sale_price is not None and (before is None or before < product.price):
        now["old_price"] = str(product.price)
    elif before is not None and before <= Decimal(product.costs):
        now["old_price"] = None
    return {**details, **now}
