"""What events say about orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.domain.events.event import Event
from shared.domain.facts import values
from shared.domain.facts.cart_events import summed
from shared.domain.facts.facts import Facts
from shared.domain.facts.newest import Stamp
from shared.domain.facts.orders import FULL_REFUND, OrderFacts
from shared.domain.facts.provisional import report_of
from shared.domain.identity.keys import milliseconds

MAX_ORDER_PRODUCTS = 50
MAX_TRACKING_URL = 300
MAX_LOCATION = 64


def order_completed(facts: Facts, event: Event, stamp: Stamp) -> None:
    order = _order(facts, event, stamp)
    order.completed = stamp[0]
    order.fields["channel"] = (int(event.trusted), *stamp, event.channel)
    bought = summed(event.properties)
    for product in bought:
        facts.cart.set(product, stamp, 0, None)
    if _takes_whole_cart(event, bought):
        facts.cart.cleared = stamp


def order_reported(facts: Facts, event: Event, stamp: Stamp) -> None:
    """An order that only a public source reported: kept apart, in case a trusted source names it."""
    apart = Facts()
    order = _order(apart, event, stamp)
    name = next(iter(apart.orders))
    bought = summed(event.properties)
    facts.reported[name] = report_of(
        order,
        event,
        milliseconds(event.received_at),
        stamp,
        further=list(bought)[MAX_ORDER_PRODUCTS:],
        whole_cart=_takes_whole_cart(event, bought),
    )


def _takes_whole_cart(event: Event, products: Mapping[str, Any]) -> bool:
    return not products or bool(values.text(event.properties.get("cart_id")))


def order_updated(facts: Facts, event: Event, stamp: Stamp) -> None:
    _tracking(_order(facts, event, stamp), event, stamp)


def order_cancelled(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp, fields=False).cancelled = stamp[0]


def order_shipped(facts: Facts, event: Event, stamp: Stamp) -> None:
    order = _order(facts, event, stamp, fields=False)
    order.shipped = stamp[0]
    _tracking(order, event, stamp)


def _tracking(order: OrderFacts, event: Event, stamp: Stamp) -> None:
    """Where the parcel is, from trusted sources only: we send people to this link. Said together, kept together, so
    that the number of one parcel never stands beside the link of another."""
    if not event.trusted:
        return
    said = {name: values.text(event.properties.get(name), 60) for name in ("tracking_number", "carrier")}
    link = values.text(event.properties.get("tracking_url"), MAX_TRACKING_URL + 1)
    if link.startswith(("https://", "http://")) and len(link) <= MAX_TRACKING_URL:
        said["tracking_url"] = link
    if any(said.values()):
        order.fields["tracking"] = (1, *stamp, {name: text for name, text in said.items() if text})


def order_picked_up(facts: Facts, event: Event, stamp: Stamp) -> None:
    """Where an order of the web was handed out. A pick-up without an order says nothing of one."""
    if event.trusted and values.id_of(event.properties.get("order_id")):
        _location(_order(facts, event, stamp, fields=False), event, stamp)


def _location(order: OrderFacts, event: Event, stamp: Stamp) -> None:
    """The store of an order, from trusted sources only: messages name it."""
    where = values.text(event.properties.get("location"), MAX_LOCATION + 1) if event.trusted else ""
    if 0 < len(where) <= MAX_LOCATION:
        order.fields["location"] = (1, *stamp, where)


def order_delivered(facts: Facts, event: Event, stamp: Stamp) -> None:
    _order(facts, event, stamp, fields=False).delivered = stamp[0]


def order_refunded(facts: Facts, event: Event, stamp: Stamp) -> None:
    """The refund's sum, else that of its products, else the whole order."""
    said = event.properties
    amount = next(filter(None, (values.money(said.get(name)) for name in ("total", "amount", "revenue"))), None)
    if amount is None:
        parts = [
            (values.amount(product.get("price")), values.quantity(product.get("quantity")))
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
                for product, (count, shown) in list(summed(said).items())[:MAX_ORDER_PRODUCTS]
            ],
        }
        order.fields.update({name: (int(event.trusted), *stamp, value) for name, value in found.items() if value})
        _location(order, event, stamp)
    return order


def _amount(count: int, shown: Mapping[str, Any]) -> list[str]:
    """What was paid for so many of a product, if its price was said."""
    amount = values.money(str(count * Decimal(shown["price"]))) if "price" in shown else None
    return [amount] if amount else []
