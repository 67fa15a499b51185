"""What a message shows of products, as the shop's products and its stock are when it is sent.

The cart and the trigger event hold names and prices of an earlier time. The table ``products`` holds those of now; the
table ``stock`` says whether anything is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.facts import values
from shared.domain.messages.evidence import MOST, Evidence, item
from shared.domain.messages.message import Reason, Skipped
from shared.domain.products.product import Product
from shared.domain.profile.profile import Line, Profile
from shared.domain.templates.definition import CatalogueRule, Template
from shared.domain.templates.display_values import amount_of
from shared.domain.templates.near_store import NearStore, nearby_store, pickup_store
from shared.domain.templates.product_of_now import ProductsOfNow, ids_of
from shared.domain.templates.trigger_event import TriggerEvent, lines_of, order_of

Part = Literal["cart", "product", "recommended", "store", "guide"]
PARTS: tuple[Part, ...] = ("cart", "product", "recommended", "store", "guide")
_SHOWN_TO_ALL: frozenset[Part] = frozenset({"guide"})
"""Parts that a message without advertising may show too: care and manuals of what was bought."""


class Refreshed(Struct, frozen=True):
    """The profile and the trigger event as the message shows them, and why it should not be sent, if it should not.

    ``store``: where the customer can have it, if a store near him has it. ``guide``: what was bought and has a manual
    or care advice.
    """

    profile: Profile
    trigger_event: TriggerEvent
    objection: Skipped | None = None
    store: NearStore | None = None
    guide: tuple[tuple[Line, Product], ...] = ()


def parts_of(template: Template) -> tuple[Part, ...]:
    """The parts of the view whose products the message shows and the catalogue may change: those in its ``needs``.

    A message that is no advertising tells what was bought, as it was bought.
    """
    named = {name.partition(".")[0] for name in template.needs}
    return tuple(part for part in PARTS if part in named and (template.purpose == "marketing" or part in _SHOWN_TO_ALL))


def products_of(template: Template, profile: Profile, trigger_event: TriggerEvent) -> tuple[tuple[str, ...], ...]:
    """The products that the message shows, each once with the ids under which products and stock may know it: the sku
    first, then the product's own id. Those that a message shows first come first: of a cart the newest."""
    parts = parts_of(template)
    cart = profile.cart.items if {"cart", "store"} & set(parts) else ()
    lines = sorted(cart, key=lambda line: line.changed_at, reverse=True)
    lines += trigger_event.recommended if "recommended" in parts else ()
    lines += _bought(profile, trigger_event) if "guide" in parts else ()
    found = [ids_of(line.product_id, line.details) for line in lines]
    if "product" in parts:
        said = trigger_event.properties
        found.append(ids_of(values.product_id(said), said))
    return tuple(dict.fromkeys(ids for ids in found if ids))


def asks_stock(template: Template) -> bool:
    """Whether the message depends on what is left of its products."""
    return any(part != "guide" for part in parts_of(template))


def refreshed(template: Template, profile: Profile, trigger_event: TriggerEvent, known: ProductsOfNow) -> Refreshed:
    """Names, prices and pictures of now in place of older ones. What is sold out or dearer is left out, said, or keeps
    the message from being sent, as the template chose."""
    parts, rule = parts_of(template), template.catalogue
    found = Refreshed(profile, trigger_event)
    if not known and "store" not in parts:
        return found
    if "store" in parts:
        found = _with_store(found, known)
    elif "cart" in parts and known.stock.locations:
        found = replace(found, store=pickup_store(profile, known))
    if "cart" in parts:
        found = _with_cart(found, rule, known)
    if "recommended" in parts:
        lines = [known.line(line) for line in trigger_event.recommended if known.sold_out(line) is None]
        found = replace(found, trigger_event=replace(found.trigger_event, recommended=tuple(lines)))
    if "product" in parts:
        found = _with_product(found, rule, known)
    if "guide" in parts:
        bought = [(line, known.product(line)) for line in _bought(profile, trigger_event)]
        guides = tuple((line, one) for line, one in bought if one is not None and (one.care or one.manual_url))
        found = replace(found, guide=guides)
    return found


def _with_store(found: Refreshed, known: ProductsOfNow) -> Refreshed:
    """What of the cart lies in the store that the customer is near; if nothing does, there is nothing to say."""
    where = found.trigger_event.properties.get("location")
    store = nearby_store(found.profile, known, where if isinstance(where, str) else "")
    if store is None or store.lines:
        return replace(found, store=store)
    evidence = tuple(
        item("product", line.product_id, because="stock", left="0", location=store.location.name)
        for line in found.profile.cart.items[:MOST]
    )
    return replace(found, store=store, objection=Skipped(Reason.OUT_OF_STOCK, evidence=evidence))


def _with_cart(found: Refreshed, rule: CatalogueRule, known: ProductsOfNow) -> Refreshed:
    lines, objection = found.profile.cart.items, found.objection
    gone = {line.product_id: said for line in lines if (said := known.sold_out(line)) is not None}
    shows = rule.out_of_stock in {"show", "say"}
    kept = lines if shows else tuple(line for line in lines if line.product_id not in gone)
    if gone and (rule.out_of_stock == "skip" or not kept):
        objection = objection or Skipped(Reason.OUT_OF_STOCK, evidence=_evidence(gone))
    dearer = {line.product_id: said for line in kept if (said := known.dearer(line)) is not None}
    if rule.price_rose == "drop" and dearer:
        kept = tuple(line for line in kept if line.product_id not in dearer)
    if dearer and (rule.price_rose == "skip" or not kept):
        objection = objection or Skipped(Reason.PRICE_ROSE, evidence=_evidence(dearer))
    shown = [_noted(line, known, rule, gone=line.product_id in gone, dearer=line.product_id in dearer) for line in kept]
    cart = replace(found.profile.cart, items=tuple(shown))
    return replace(found, profile=replace(found.profile, cart=cart), objection=objection)


def _with_product(found: Refreshed, rule: CatalogueRule, known: ProductsOfNow) -> Refreshed:
    """A message about one product shows it or is not sent: there is nothing to drop it from."""
    event, objection = found.trigger_event, found.objection
    id_ = values.product_id(event.properties)
    line = Line(id_, 1, event.at, event.properties)
    gone, dearer = known.sold_out(line), known.dearer(line)
    if gone is not None and rule.out_of_stock in {"drop", "skip"}:
        objection = objection or Skipped(Reason.OUT_OF_STOCK, evidence=_evidence({id_: gone}))
    if dearer is not None and rule.price_rose in {"drop", "skip"}:
        objection = objection or Skipped(Reason.PRICE_ROSE, evidence=_evidence({id_: dearer}))
    shown = _noted(line, known, rule, gone=gone is not None, dearer=dearer is not None)
    event = replace(event, properties=shown.details, sold_out=shown.sold_out, told_price=shown.told_price)
    return replace(found, trigger_event=event, objection=objection)


def _noted(line: Line, known: ProductsOfNow, rule: CatalogueRule, *, gone: bool, dearer: bool) -> Line:
    """The line as it is now, with what the template chose to say of it."""
    told: Decimal | None = amount_of(line.details.get("price")) if dearer and rule.price_rose == "say" else None
    sold_out = gone and rule.out_of_stock == "say"
    return replace(line, details=known.details(line), sold_out=sold_out, told_price=told)


def _bought(profile: Profile, trigger_event: TriggerEvent) -> tuple[Line, ...]:
    """The products of the order that a trusted source told of: as it lists them, else as the customer's order has
    them. Whoever can only write with a public key causes no mail about products."""
    if not trigger_event.trusted:
        return ()
    listed = lines_of(trigger_event.properties)
    order = None if listed else order_of(trigger_event, profile)
    return listed if order is None else tuple(Line(id_, count, order.at) for id_, count, _ in order.products)


def _evidence(found: Mapping[str, Mapping[str, Any]]) -> Evidence:
    return tuple(item("product", id_, **said) for id_, said in list(found.items())[:MOST])
