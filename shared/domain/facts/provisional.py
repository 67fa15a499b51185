"""Orders that nobody trusted has confirmed: what a public key says about orders, prices and stock, in a shop that takes
orders from trusted sources only.

Anybody can read the key of a web page and guess a ``userId``. So such an event is kept in the log and shown, and it
folds into nothing but a list of its own, until a trusted source names the same order.
"""

from __future__ import annotations

from typing import Any, Literal

from shared.domain.events.event import Event, EventType
from shared.domain.facts.cart import CartFacts
from shared.domain.facts.newest import Entry, Newest, Stamp
from shared.domain.facts.orders import OrderFacts

OrdersFrom = Literal["trusted", "any"]
MAX_PROVISIONAL = 20
MAX_REPORTED = 50

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


def provisional() -> Newest:
    """The orders that public sources reported last, by order id; the values are empty."""
    return Newest(MAX_PROVISIONAL)


def reported() -> Newest:
    """What public sources said of orders, by order id: of each order the report that we received first, and of all
    orders the 50 that we received first.

    The time of an entry is that of the reception with its sign changed, so that ``Newest`` keeps the earliest. Nobody
    can set the time of reception, so no later report changes or removes what is kept.
    """
    return Newest(MAX_REPORTED)


def is_provisional(event: Event, orders_from: OrdersFrom) -> bool:
    """Whether the event is only shown: a public source said what this shop hears from trusted ones."""
    guarded = event.type is EventType.TRACK and event.name in GUARDED
    return orders_from == "trusted" and guarded and not event.trusted


def report_of(order: OrderFacts, event: Event, received: int, stamp: Stamp, *, whole_cart: bool) -> Entry:
    """The entry of ``reported``; ``received`` in milliseconds. ``whole_cart``: the order took all that was in it."""
    fields: dict[str, Any] = {name: ranked[3] for name, ranked in sorted(order.fields.items())}
    said = {**fields, "channel": event.channel, _AT: stamp[0]}
    return (-received, stamp[1], {**said, _WHOLE_CART: 1} if whole_cart else said)


def confirmed(named: OrderFacts, entry: Entry | None) -> OrderFacts:
    """The order as it counts: a trusted source named it, and if it told no ``Order Completed`` of its own, the public
    word is taken for that; what the trusted source said goes before."""
    if named.completed is not None or entry is None:
        return named
    order = named.copy()
    when, event = stamp_of(entry)
    order.completed = when
    said = {name: value for name, value in entry[2].items() if name not in (_AT, _WHOLE_CART)}
    order.fields = {**{name: (0, when, event, value) for name, value in said.items()}, **order.fields}
    return order


def bought(named: OrderFacts, entry: Entry | None) -> CartFacts | None:
    """What an order of ``confirmed`` takes out of the cart; None if the report is not what makes it count."""
    if named.completed is not None or entry is None:
        return None
    cart, stamp = CartFacts(), stamp_of(entry)
    for product, *_ in entry[2].get("products", ()):
        cart.set(product, stamp, 0, None)
    if entry[2].get(_WHOLE_CART):
        cart.cleared = stamp
    return cart


def stamp_of(entry: Entry) -> Stamp:
    """When the order of an entry of ``reported`` was made, and by which event that is known."""
    return entry[2][_AT], entry[1]
