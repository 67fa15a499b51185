"""What events say about the cart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.events.event import Event
from shared.domain.facts import values
from shared.domain.facts.facts import Facts
from shared.domain.facts.newest import Stamp


def product_added(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    amount = values.quantity(event.properties.get("quantity"))
    if product and amount:
        facts.cart.add(product, stamp, amount, values.details(event.properties, event.properties.get("currency")))
        facts.cart.changed = stamp


def product_removed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        facts.cart.set(product, stamp, 0, None)
        facts.cart.changed = stamp


def quantity_changed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product and event.properties.get("quantity") is not None:
        amount = values.quantity(event.properties.get("quantity"))
        facts.cart.set(product, stamp, amount, values.details(event.properties, event.properties.get("currency")))
        facts.cart.changed = stamp


def cart_updated(facts: Facts, event: Event, stamp: Stamp) -> None:
    """A channel that reports the whole cart: what it does not list is gone. Needs a list, if an empty one."""
    if not isinstance(event.properties.get("products"), list):
        return
    for product, (amount, shown) in summed(event.properties).items():
        facts.cart.set(product, stamp, amount, shown)
    facts.cart.cleared = (stamp[0], "")
    facts.cart.changed = stamp


def summed(properties: Mapping[str, Any]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Per product how many in all, and what the last line of it says."""
    sums: dict[str, tuple[int, dict[str, Any]]] = {}
    for product in values.products(properties):
        name = values.product_id(product)
        if name:
            before = sums.get(name, (0, {}))[0]
            shown = values.details(product, properties.get("currency"))
            sums[name] = (before + values.quantity(product.get("quantity")), shown)
    return sums
