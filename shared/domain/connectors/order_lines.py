"""The products of an order or a cart, of any platform: what differs is how its fields are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.connectors.payload import MOST_LINES, NAME_LENGTH, id_text, objects_at, text, whole_number
from shared.domain.connectors.translation import Translation


@dataclass(frozen=True, slots=True)
class LineFields:
    """``ids``: what a product without a sku is called by, ``names``: what it is called; the first that is there counts.
    ``variant`` and ``brand`` are empty where the platform has none. ``no_variant``: a word that names none."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    variant: str = ""
    brand: str = ""
    no_variant: str = ""


def order_lines(holder: Mapping[str, Any], fields: LineFields, told: Translation) -> Iterator[dict[str, Any]]:
    """The products under ``line_items``; those that cannot be read are told."""
    for place, line in enumerate(objects_at(holder, "line_items")):
        if place == MOST_LINES:
            told.warn("line_items", f"holds more than {MOST_LINES} products; the rest is left out", "too_many")
            return
        sku = text(line.get("sku"), 100)
        id_ = sku or next(filter(None, (id_text(line.get(name)) for name in fields.ids)), "")
        quantity = whole_number(line.get("quantity"))
        if not id_ or quantity is None or quantity < 0:
            told.warn("line_items[]", "has no id, or a quantity that is no whole number of pieces", "not_a_quantity")
            continue
        variant = text(line.get(fields.variant), 60) if fields.variant else ""
        found = {
            "product_id": id_,
            "sku": sku,
            "name": next(filter(None, (text(line.get(name), NAME_LENGTH) for name in fields.names)), ""),
            "variant": "" if variant == fields.no_variant else variant,
            "brand": text(line.get(fields.brand), 60) if fields.brand else "",
            "price": text(line.get("price"), 40),
            "quantity": quantity,
        }
        yield {name: value for name, value in found.items() if value != ""}
