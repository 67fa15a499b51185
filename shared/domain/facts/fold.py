"""From an event to facts: what one event alone says. Folding is the join of these (design 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.domain.events import Event, EventType
from shared.domain.facts import values
from shared.domain.facts.facts import Facts, Seen
from shared.domain.facts.newest import Stamp
from shared.domain.facts.orders import FULL_REFUND, OrderFacts
from shared.domain.facts.touching import engagement_of, feature_name
from shared.domain.keys import milliseconds
from shared.domain.rules.value_test import ValueTest

OWN_CHANNELS = frozenset({"email", "sms", "push"})
"""Channels on which we speak: what comes back from them is reaction, not a visit."""
MAX_ORDER_PRODUCTS = 50
FOLD = 2
"""Raised whenever an event says more, or something else, than before: the next release folds the log anew."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """Occurrences of an event whose properties pass ``where``; ``key`` is their ``feature_key``."""

    key: str
    where: Mapping[str, ValueTest]
    keep: int


@dataclass(frozen=True, slots=True)
class Features:
    """What definitions need beyond the common facts.

    ``keep``: per event name how many newest occurrences. ``filtered``: per event name the tests of its properties, each
    with how many newest occurrences pass (kept in ``Facts.seen`` under ``feature_key``). ``keyed``: per event name the
    properties whose values are remembered with their newest time.
    """

    keep: Mapping[str, int] = field(default_factory=dict)
    filtered: Mapping[str, tuple[Filtered, ...]] = field(default_factory=dict)
    keyed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def fold(facts: Facts, events: Iterable[Event], features: Features, *, until: int | None = None) -> Facts:
    """The facts with these events joined in; any order, any number of times.

    ``until`` (milliseconds): events at or after it count for nobody (a contested browser, design 3).
    """
    folded = facts.copy()
    for event in events:
        if until is None or milliseconds(event.time) < until:
            folded.absorb(facts_of(event, features))
    return folded


def facts_of(event: Event, features: Features) -> Facts:
    """What one event says."""
    facts = Facts(name=str(event.owner) if event.identifiers else "")
    stamp = (milliseconds(event.time), event.id)
    layer = facts.trusted if event.trusted else facts.public
    for trait, value in event.traits.items():
        if len(trait) <= 100 and values.trait_fits(value):
            layer.put(trait, (*stamp, value))
    layer.trim()
    _context(facts, event, stamp)
    name = feature_name(event)
    keep = features.keep.get(name)
    if keep:
        facts.seen[name] = Seen(keep, stamp[0], (stamp,))
    touched = engagement_of(event, stamp)
    if touched is not None:
        facts.engagement = touched
    if event.type is EventType.TRACK:
        reader = _READERS.get(event.name)
        if reader is not None:
            reader(facts, event, stamp)
    return facts


def _context(facts: Facts, event: Event, stamp: Stamp) -> None:
    for place, name in (("zone", "timezone"), ("locale", "locale")):
        said = values.text(event.context.get(name), 64)
        if said:
            facts.places.put(place, (*stamp, said))
    device = event.context.get("device")
    device = device if isinstance(device, Mapping) else {}
    kind = values.text(device.get("type"), 20).lower()
    token = values.text(device.get("token"), 1_024)
    if token:
        facts.tokens.put(token, (*stamp, "ios" if kind in ("ios", "ipados", "apple") else "android"))
    if event.channel not in OWN_CHANNELS and event.context.get("active") is not False:
        facts.activity = ((stamp[0] // 3_600_000, event.channel, kind),)


def _product_added(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    amount = values.quantity(event.properties.get("quantity"))
    if product and amount:
        facts.cart.add(product, stamp, amount, values.details(event.properties, event.properties.get("currency")))
        facts.cart.changed = stamp


def _product_removed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        facts.cart.set(product, stamp, 0, None)
        facts.cart.changed = stamp


def _quantity_changed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product and event.properties.get("quantity") is not None:
        amount = values.quantity(event.properties.get("quantity"))
        facts.cart.set(product, stamp, amount, values.details(event.properties, event.properties.get("currency")))
        facts.cart.changed = stamp


def _cart_updated(facts: Facts, event: Event, stamp: Stamp) -> None:
    """A channel that reports the whole cart: what it does not list is gone. Needs a list, if an empty one."""
    if not isinstance(event.properties.get("products"), list):
        return
    for product, (amount, shown) in _summed(event.properties).items():
        facts.cart.set(product, stamp, amount, shown)
    facts.cart.cleared = (stamp[0], "")
    facts.cart.changed = stamp


def _summed(properties: Mapping[str, Any]) -> dict[str, tuple[int, dict[str, Any]]]:
    sums: dict[str, tuple[int, dict[str, Any]]] = {}
    for product in values.products(properties):
        name = values.product_id(product)
        if name:
            before = sums.get(name, (0, {}))[0]
            shown = values.details(product, properties.get("currency"))
            sums[name] = (before + values.quantity(product.get("quantity")), shown)
    return sums


def _order_completed(facts: Facts, event: Event, stamp: Stamp) -> None:
    order = _order(facts, event, stamp)
    order.completed = stamp[0]
    order.fields["channel"] = (int(event.trusted), *stamp, event.channel)
    bought = _summed(event.properties)
    for product in bought:
        facts.cart.set(product, stamp, 0, None)
    if not bought or values.text(event.properties.get("cart_id")):
        facts.cart.cleared = stamp


def _order_updated(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp)


def _order_cancelled(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp, fields=False).cancelled = stamp[0]


def _order_shipped(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp, fields=False).shipped = stamp[0]


def _order_delivered(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp, fields=False).delivered = stamp[0]


def _order_refunded(facts: Facts, event: Event, stamp: Stamp) -> None:
    """The refund's sum, else that of its products, else the whole order."""
    said = event.properties
    amount = next(filter(None, (values.money(said.get(name)) for name in ("total", "amount", "revenue"))), None)
    if amount is None:
        parts = [
            (values.number(product.get("price")), values.quantity(product.get("quantity")))
            for product in values.products(said)
        ]
        if parts and all(price is not None for price, _ in parts):
            amount = values.money(str(sum((price or 0) * count for price, count in parts)))
    refund = values.id_of(said.get("refund_id")) or stamp[1]
    _order(facts, event, stamp, fields=False).refunds.put(refund, (*stamp, amount or FULL_REFUND))


def _order(facts: Facts, event: Event, stamp: Stamp, *, fields: bool = True) -> OrderFacts:
    said = event.properties
    order = facts.orders.setdefault(values.id_of(said.get("order_id")) or stamp[1], OrderFacts())
    if fields:
        total = values.money(said.get("total")) or values.money(said.get("revenue"))
        found: dict[str, Any] = {
            "total": total,
            "currency": values.text(said.get("currency"), 3).upper(),
            "coupon": values.text(said.get("coupon"), 100),
            "products": [
                [product, count, shown.get("category", "")[:60], *_amount(count, shown)]
                for product, (count, shown) in list(_summed(said).items())[:MAX_ORDER_PRODUCTS]
            ],
        }
        order.fields.update({name: (int(event.trusted), *stamp, value) for name, value in found.items() if value})
    return order


def _amount(count: int, shown: Mapping[str, Any]) -> list[str]:
    """What was paid for so many of a product, if its price was said."""
    amount = values.money(str(count * Decimal(shown["price"]))) if "price" in shown else None
    return [amount] if amount else []


def _viewed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        shown = {name: said for name in ("name", "category") if (said := values.text(event.properties.get(name), 100))}
        facts.viewed.put(product, (*stamp, shown))
    _browsed(facts, event, stamp)


def _browsed(facts: Facts, event: Event, stamp: Stamp) -> None:
    category = values.text(event.properties.get("category"), 100)
    if category:
        facts.categories.put(category, (*stamp, None))


def _wished(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        shown = values.details(event.properties, event.properties.get("currency"))
        facts.wishlist.put(product, (*stamp, shown))


def _unwished(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        facts.wishlist.put(product, (*stamp, None))


_Reader = Callable[[Facts, Event, Stamp], None]

_READERS: dict[str, _Reader] = {
    "Product Viewed": _viewed,
    "Product List Viewed": _browsed,
    "Product Added": _product_added,
    "Wishlist Product Added to Cart": _product_added,
    "Product Removed": _product_removed,
    "Product Quantity Changed": _quantity_changed,
    "Cart Updated": _cart_updated,
    "Order Completed": _order_completed,
    "Order Updated": _order_updated,
    "Order Cancelled": _order_cancelled,
    "Order Refunded": _order_refunded,
    "Order Shipped": _order_shipped,
    "Order Delivered": _order_delivered,
    "Product Added to Wishlist": _wished,
    "Product Removed from Wishlist": _unwished,
}

CART_CHANGES = frozenset(
    {
        "Product Added",
        "Wishlist Product Added to Cart",
        "Product Removed",
        "Product Quantity Changed",
        "Cart Updated",
    }
)
"""The events that restart the clock of a cart (settled meaning 5)."""
