"""The cart, replayed step by step as docs/architecture.md tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.events.event import Event, EventType
from shared.domain.facts import values

ADDS = ("Product Added", "Wishlist Product Added to Cart")


@dataclass
class Product:
    """``price`` and ``currency`` as the last word on it says; None and empty if it says none."""

    quantity: int = 0
    price: Decimal | None = None
    currency: str = ""


@dataclass
class CartSeen:
    """``products`` holds what is in it; ``changed_at`` the last add, removal or change of quantity."""

    products: dict[str, Product] = field(default_factory=dict)
    changed_at: datetime | None = None


def cart_of(events: Sequence[Event]) -> CartSeen:
    """``events`` in the order of time. A report of the whole cart clears it before everything else of its instant."""
    tracked = [one for one in events if one.type is EventType.TRACK]
    steps = [((one.time, one.id), one, False) for one in tracked]
    steps += [((one.time, ""), one, True) for one in tracked if _whole(one)]
    cart = CartSeen()
    for _, event, clears in sorted(steps, key=lambda step: (step[0], not step[2])):
        if clears:
            cart.products.clear()
        else:
            _step(cart, event)
    cart.products = {name: one for name, one in cart.products.items() if one.quantity > 0}
    return cart


def _step(cart: CartSeen, event: Event) -> None:
    said = event.properties
    product = values.product_id(said)
    if event.name in ADDS and product and values.quantity(said.get("quantity")):
        line = _described(cart.products.get(product, Product()).quantity, said, said)
        line.quantity += values.quantity(said.get("quantity"))
        cart.products[product] = line
        cart.changed_at = event.time
    elif event.name == "Product Removed" and product:
        cart.products.pop(product, None)
        cart.changed_at = event.time
    elif event.name == "Product Quantity Changed" and product and said.get("quantity") is not None:
        _set(cart, product, values.quantity(said.get("quantity")), said, said)
        cart.changed_at = event.time
    elif _whole(event):
        for name, (amount, listed) in _listed(said).items():
            _set(cart, name, amount, listed, said)
        cart.changed_at = event.time
    elif event.name == "Order Completed":
        bought = _listed(said)
        for name in bought:
            cart.products.pop(name, None)
        if not bought or values.text(said.get("cart_id")):
            cart.products.clear()


def _set(cart: CartSeen, product: str, quantity: int, shown: Any, event: Any) -> None:
    """A quantity that comes without any word on the product leaves what was known of it; none of it is gone."""
    if quantity == 0:
        cart.products.pop(product, None)
        return
    known = cart.products.get(product, Product())
    told = _described(quantity, shown, event) if values.details(shown) else known
    cart.products[product] = Product(quantity, told.price, told.currency)


def _described(quantity: int, shown: Any, event: Any) -> Product:
    price = values.money(shown.get("price"))
    own, of_event = values.text(shown.get("currency")), values.text(event.get("currency"), 3)
    return Product(quantity, None if price is None else Decimal(price), own or (of_event if price is not None else ""))


def _whole(event: Event) -> bool:
    return event.name == "Cart Updated" and isinstance(event.properties.get("products"), list)


def _listed(said: Any) -> dict[str, tuple[int, Any]]:
    """Per product listed how many in all, and the last word on it."""
    found: dict[str, tuple[int, Any]] = {}
    for product in values.products(said):
        name = values.product_id(product)
        if name:
            found[name] = (found.get(name, (0, None))[0] + values.quantity(product.get("quantity")), product)
    return found
