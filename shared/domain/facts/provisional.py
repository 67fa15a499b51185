"""Orders that nobody trusted has confirmed: what a public key says about orders, prices and stock, in a shop that takes
orders from trusted sources only.

Anybody can read the key of a web page and guess a ``userId``. So such an event is kept in the log and shown, and it
folds into nothing but a list of its own, until a trusted source names the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from shared.domain.events.event import Event, EventType
from shared.domain.facts.newest import Entry, Newest
from shared.domain.facts.orders import OrderFacts

OrdersFrom = Literal["trusted", "any"]
MAX_PROVISIONAL = 20

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


def provisional() -> Newest:
    """By order id the newest word of a public source: when, and the fields of the order."""
    return Newest(MAX_PROVISIONAL)


def is_provisional(event: Event, orders_from: OrdersFrom) -> bool:
    """Whether the event is only shown: a public source said what this shop hears from trusted ones."""
    guarded = event.type is EventType.TRACK and event.name in GUARDED
    return orders_from == "trusted" and guarded and not event.trusted


def entry_of(order: OrderFacts, event: Event, stamp: tuple[int, str]) -> Entry:
    """What the list keeps of a provisional order."""
    fields = {name: ranked[3] for name, ranked in sorted(order.fields.items())}
    return (*stamp, {**fields, "channel": event.channel})


def confirmed(named: OrderFacts, entry: Entry | None) -> OrderFacts:
    """The order as it counts: a trusted source named it, and if it told no ``Order Completed`` of its own, the public
    word is taken for that; what the trusted source said goes before."""
    if named.completed is not None or entry is None:
        return named
    order = named.copy()
    order.completed = entry[0]
    said: Mapping[str, Any] = entry[2]
    order.fields = {**{name: (0, *entry[:2], value) for name, value in said.items()}, **order.fields}
    return order
