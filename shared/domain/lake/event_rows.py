"""A row of the lake about one event: the listed properties only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.domain.events.event import Event
from shared.domain.facts import values
from shared.domain.facts.cart_events import summed
from shared.domain.facts.provisional import OrdersFrom, is_provisional
from shared.domain.facts.touching import by_machine
from shared.domain.identity.keys import milliseconds
from shared.domain.lake.tables import Row

MAX_PRODUCTS = 50
_MESSAGE_ID = re.compile("[a-z2-7]{26}")
SUPPORT = "support"
"""The source of events about conversations."""
LONGEST = 100
"""Characters of a text, as facts keep them."""


def event_row(event: Event, home: str, root: str, orders_from: OrdersFrom) -> Row:
    """The row of an event in the log of ``home``, which belonged to ``root``."""
    said = event.properties
    order = values.id_of(said.get("order_id"))
    of_support = event.source == SUPPORT and event.trusted
    price, quantity = values.money(said.get("price")), said.get("quantity")
    row: dict[str, Any] = {
        "home": home,
        "event": event.id,
        "root": root,
        "at": milliseconds(event.time),
        "received_at": milliseconds(event.received_at),
        "type": event.type.value,
        "name": event.name[:LONGEST],
        "source": event.source,
        "channel": event.channel,
        "device": _device(event),
        "trusted": event.trusted,
        "history": event.history,
        "provisional": is_provisional(event, orders_from),
        "order_id": order,
        "total": (values.money(said.get("total")) or values.money(said.get("revenue"))) if order else None,
        "currency": values.text(said.get("currency"), 3).upper(),
        "coupon": values.text(said.get("coupon"), LONGEST),
        "product_id": values.product_id(said),
        "category": values.text(said.get("category"), LONGEST),
        "price": price,
        "quantity": values.quantity(quantity) if quantity is not None else None,
        "products": _products(event),
        "campaign": _campaign(event),
        "message_id": _message_id(said.get("message_id")),
        "machine": by_machine(event) is not None or (of_support and said.get("automatic") == "yes"),
        **(_service(said) if of_support else {}),
    }
    return {name: value for name, value in row.items() if value not in (None, "", False, [])}


def _service(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of events about conversations: who worked on it, how long it took, what the customer said of it."""
    seconds, rating = said.get("seconds"), said.get("rating")
    return {
        "agent": values.text(said.get("agent"), LONGEST),
        "seconds": seconds if type(seconds) is int else None,
        "rating": rating if type(rating) is int else None,
    }


def _message_id(said: Any) -> str:
    """Only what can be an id of ours: anybody may write anything here."""
    return said if isinstance(said, str) and _MESSAGE_ID.fullmatch(said) else ""


def _device(event: Event) -> str:
    device = event.context.get("device")
    return values.text(device.get("type"), 20).lower() if isinstance(device, dict) else ""


def _campaign(event: Event) -> str:
    campaign = event.context.get("campaign")
    return values.text(campaign.get("name"), LONGEST) if isinstance(campaign, dict) else ""


def _products(event: Event) -> list[dict[str, Any]]:
    listed = event.properties.get("products")
    if not isinstance(listed, list) or not listed:
        return []
    rows = []
    for product, (count, shown) in list(summed(event.properties).items())[:MAX_PRODUCTS]:
        row = {"product_id": product, "category": shown.get("category", ""), "price": shown.get("price")}
        rows.append({name: value for name, value in row.items() if value} | {"quantity": count})
    return rows
