"""Orders that nobody trusted has confirmed: what a public key says about orders, prices and stock, in a shop that takes
orders from trusted sources only.

Anybody can read the key of a web page and guess a ``userId``. So such an event is kept in the log and shown, and it
folds into nothing but reports of their own, until a trusted source names the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from shared.domain.events.event import Event, EventType
from shared.domain.facts.cart import CartFacts
from shared.domain.facts.newest import Entry, Stamp, earlier
from shared.domain.facts.orders import OrderFacts

OrdersFrom = Literal["trusted", "any"]
MAX_UNCONFIRMED = 100

Reports = dict[str, Entry]
"""By order id: when it was received (milliseconds), the id of the event, the fields of the order."""

ORDER_EVENTS = frozenset(
    {
        "Order Completed",
        "Order Updated",
        "Order Cancelled",
        "Order Refunded",
        "Order Shipped",
        "Order Delivered",
    }
)
GUARDED = ORDER_EVENTS | {"Product Price Dropped", "Product Back in Stock", "Product Low in Stock"}
"""What moves money or starts messages in the shop's name."""
_AT = "at"
_WHOLE_CART = "whole_cart"
FURTHER = "further"
"""Ids of the products that an order has beyond those that are described: they leave the cart as well."""


def absorb_reports(mine: Reports, theirs: Reports, orders: Mapping[str, OrderFacts]) -> None:
    """Joins ``theirs`` into ``mine``; ``orders`` are those that trusted sources named.

    Of each order the report that was received first is kept: nobody can set that time, so no later report replaces one.
    A report goes when a trusted source completed the order itself. Reports of orders that a trusted source named are
    never displaced. Of the others, the 100 received first and the 100 received last are kept: neither an
    earlier nor a later flood of reports displaces all others. Up to that number the result depends on the events only.
    """
    for order, entry in theirs.items():
        known = mine.get(order)
        mine[order] = entry if known is None else earlier(known, entry)
    for order in [order for order in mine if order in orders and orders[order].completed is not None]:
        del mine[order]
    if len(mine) > 2 * MAX_UNCONFIRMED:
        unconfirmed = sorted((entry[:2], order) for order, entry in mine.items() if order not in orders)
        for _, order in unconfirmed[MAX_UNCONFIRMED:-MAX_UNCONFIRMED]:
            del mine[order]


def is_provisional(event: Event, orders_from: OrdersFrom) -> bool:
    """Whether the event is only shown: a public source said what this shop hears from trusted ones."""
    guarded = event.type is EventType.TRACK and event.name in GUARDED
    return orders_from == "trusted" and guarded and not event.trusted


def report_of(
    order: OrderFacts, event: Event, received: int, stamp: Stamp, *, further: Sequence[str], whole_cart: bool
) -> Entry:
    """What is kept of a report.

    Parameters
    ----------
    received
        When it was received, in milliseconds.
    further
        Ids of products beyond those in the fields of the order.
    whole_cart
        Whether the order emptied the cart.
    """
    said: dict[str, Any] = {name: ranked[3] for name, ranked in sorted(order.fields.items())}
    said |= {"channel": event.channel, _AT: stamp[0]}
    if further:
        said[FURTHER] = list(further)
    if whole_cart:
        said[_WHOLE_CART] = 1
    return (received, stamp[1], said)


def confirmed(named: OrderFacts, entry: Entry | None) -> OrderFacts:
    """The order as it counts: a trusted source named it, and if it told no ``Order Completed`` of its own, the public
    word is taken for that; what the trusted source said goes before."""
    if named.completed is not None or entry is None:
        return named
    order = named.copy()
    when, event = stamp_of(entry)
    order.completed = when
    said = {name: value for name, value in entry[2].items() if name not in (_AT, _WHOLE_CART, FURTHER)}
    order.fields = {**{name: (0, when, event, value) for name, value in said.items()}, **order.fields}
    return order


def taken_from_cart(named: OrderFacts, entry: Entry | None) -> CartFacts | None:
    """What an order of ``confirmed`` takes out of the cart; None if the report is not what makes it count."""
    if named.completed is not None or entry is None:
        return None
    cart, stamp = CartFacts(), stamp_of(entry)
    described = [product for product, *_ in entry[2].get("products", ())]
    for product in (*described, *entry[2].get(FURTHER, ())):
        cart.set(product, stamp, 0, None)
    if entry[2].get(_WHOLE_CART):
        cart.cleared = stamp
    return cart


def stamp_of(entry: Entry) -> Stamp:
    """When a reported order was made (milliseconds), and the id of the event that reported it."""
    return entry[2][_AT], entry[1]
