"""What a commercial message shows of products, as the table ``products`` has them when it is sent.

The cart and the trigger event hold names and prices of an earlier time. The table holds those of now, and whether the
product can still be ordered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from shared.domain.facts import values
from shared.domain.messages.evidence import MOST, Evidence, item
from shared.domain.messages.message import Reason, Skipped
from shared.domain.products.product import SOLD, Product
from shared.domain.profile.profile import Line, Profile
from shared.domain.templates.definition import Template
from shared.domain.templates.display_values import amount_of
from shared.domain.templates.trigger_event import TriggerEvent

Part = Literal["cart", "product", "recommended"]
PARTS: tuple[Part, ...] = ("cart", "product", "recommended")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The profile and the trigger event as the message shows them, and why it should not be sent, if it should not."""

    profile: Profile
    trigger_event: TriggerEvent
    objection: Skipped | None = None


def parts_of(template: Template) -> tuple[Part, ...]:
    """The parts of the view whose products the message shows and the catalogue may change: those in its ``needs``.

    A message that is no advertising tells what was bought, as it was bought.
    """
    if template.purpose != "marketing":
        return ()
    named = {name.partition(".")[0] for name in template.needs}
    return tuple(part for part in PARTS if part in named)


def ids_to_read(template: Template, profile: Profile, trigger_event: TriggerEvent) -> tuple[str, ...]:
    """The ids under which the catalogue may know what the message shows: the sku first, and the product's own id."""
    parts = parts_of(template)
    lines = [*(profile.cart.items if "cart" in parts else ())]
    lines += trigger_event.recommended if "recommended" in parts else ()
    found = [id_ for line in lines for id_ in _ids(line.product_id, line.details)]
    if "product" in parts:
        said = trigger_event.properties
        found += _ids(values.product_id(said), said)
    return tuple(dict.fromkeys(found))


def refreshed(
    template: Template, profile: Profile, trigger_event: TriggerEvent, products: Mapping[str, Product]
) -> Refreshed:
    """Names, prices and pictures of the catalogue in place of older ones; products that are sold out are left out, or
    the message is not sent, as the template chose."""
    parts, rule = parts_of(template), template.catalogue
    objection: Skipped | None = None
    if "cart" in parts:
        lines = profile.cart.items
        gone = tuple(line for line in lines if _sold_out(_known(line.product_id, line.details, products)))
        if gone and (rule.out_of_stock == "skip" or (rule.out_of_stock == "drop" and len(gone) == len(lines))):
            objection = Skipped(Reason.OUT_OF_STOCK, evidence=_evidence([line.product_id for line in gone]))
        kept = lines if rule.out_of_stock == "show" else tuple(line for line in lines if line not in gone)
        dearer = [line.product_id for line in kept if _dearer(line.details, line.product_id, products)]
        if objection is None and dearer and rule.price_rose == "skip":
            objection = Skipped(Reason.PRICE_ROSE, evidence=_evidence(dearer))
        shown = tuple(_line(line, products) for line in kept)
        profile = replace(profile, cart=replace(profile.cart, items=shown))
    if "recommended" in parts:
        lines = trigger_event.recommended
        kept = tuple(line for line in lines if not _sold_out(_known(line.product_id, line.details, products)))
        trigger_event = replace(trigger_event, recommended=tuple(_line(line, products) for line in kept))
    if "product" in parts:
        said = trigger_event.properties
        id_ = values.product_id(said)
        known = _known(id_, said, products)
        if objection is None and _sold_out(known) and rule.out_of_stock != "show":
            objection = Skipped(Reason.OUT_OF_STOCK, evidence=_evidence([id_]))
        if objection is None and _dearer(said, id_, products) and rule.price_rose == "skip":
            objection = Skipped(Reason.PRICE_ROSE, evidence=_evidence([id_]))
        trigger_event = replace(trigger_event, properties=_details(said, known))
    return Refreshed(profile, trigger_event, objection)


def _ids(id_: str, details: Mapping[str, Any]) -> list[str]:
    return [found for found in (values.id_of(details.get("sku")), id_) if found]


def _known(id_: str, details: Mapping[str, Any], products: Mapping[str, Product]) -> Product | None:
    return next((products[one] for one in _ids(id_, details) if one in products), None)


def _sold_out(product: Product | None) -> bool:
    return product is not None and product.availability not in SOLD


def _dearer(details: Mapping[str, Any], id_: str, products: Mapping[str, Product]) -> bool:
    """Whether it costs more now than the customer was told; amounts in different currencies are not compared."""
    known, told = _known(id_, details, products), amount_of(details.get("price"))
    return known is not None and told is not None and _same_currency(details, known) and known.costs > told


def _same_currency(details: Mapping[str, Any], product: Product) -> bool:
    return details.get("currency") in {None, "", product.currency}


def _line(line: Line, products: Mapping[str, Product]) -> Line:
    return replace(line, details=_details(line.details, _known(line.product_id, line.details, products)))


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


def _evidence(ids: list[str]) -> Evidence:
    return tuple(item("product", id_) for id_ in ids[:MOST])
