"""What an event says of the product that is announced."""

from __future__ import annotations

from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.interests.announcement import Announcement
from shared.domain.interests.why_told import Reason
from shared.stores.products import StoredProduct

FROM_EVENTS = ("name", "price", "currency", "url", "image_url")


def announced_properties(made: Announcement, reason: Reason, stored: StoredProduct | None) -> dict[str, Any]:
    """Name, price and addresses as the shop's products say; else as the customer's own events did. ``reason`` and
    ``reason_since`` say why he is told."""
    said: dict[str, Any] = {name: reason.details[name] for name in FROM_EVENTS if reason.details.get(name)}
    if stored is not None:
        product = stored.product
        known = {
            "name": product.name,
            "price": str(product.costs),
            "currency": product.currency,
            "url": product.url,
            "image_url": product.image_url,
        }
        said |= {name: value for name, value in known.items() if value}
    if made.was:
        said["old_price"] = made.was
    return {
        **said,
        "product_id": reason.product_id,
        "sku": made.product,
        "reason": reason.kind,
        "reason_since": time_text(reason.since),
    }
