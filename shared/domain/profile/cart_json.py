"""Cart and wishlist as a shop's page shows them: the same on every channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.profile.profile import Cart, Line

SHOWN = ("name", "price", "currency", "variant", "image_url", "url")


def cart_json(cart: Cart) -> dict[str, Any]:
    """The cart, oldest line first; ``updated_at`` is the last add, removal or change of quantity."""
    return {"items": [_line(line) for line in cart.items], "updated_at": _time(cart.updated_at)}


def wishlist_json(wishes: Iterable[Line]) -> dict[str, Any]:
    """The wishlist, oldest wish first."""
    items = [_line(line) for line in wishes]
    return {"items": items, "updated_at": max((item["updated_at"] for item in items), default=None)}


def _line(line: Line) -> dict[str, Any]:
    """Every field is there; null if no channel told it. The price is a number."""
    shown = {name: line.details.get(name) for name in SHOWN}
    price = shown["price"]
    return {
        "product_id": line.product_id,
        "quantity": line.quantity,
        **shown,
        "price": None if price is None else float(price),
        "updated_at": time_text(line.changed_at),
    }


def _time(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
