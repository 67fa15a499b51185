"""Which event names are remembered, and how many of their newest occurrences."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.facts.fold import Features

_LAST = 1

COMMON: Mapping[str, int] = {
    "Products Searched": _LAST,
    "Product List Viewed": _LAST,
    "Product Viewed": _LAST,
    "Product Added": _LAST,
    "Product Removed": _LAST,
    "Cart Viewed": _LAST,
    "Checkout Started": _LAST,
    "Order Completed": _LAST,
    "Order Cancelled": _LAST,
    "Order Refunded": _LAST,
    "Order Shipped": _LAST,
    "Order Delivered": _LAST,
    "Return Opened": _LAST,
    "Product Reviewed": _LAST,
    "Email Sent": _LAST,
    "Email Delivered": _LAST,
    "Email Opened": _LAST,
    "Email Opened by machine": _LAST,
    "Email Link Clicked": _LAST,
    "Email Link Clicked by machine": _LAST,
    "Email Bounced": _LAST,
    "Email Marked as Spam": _LAST,
    "Unsubscribed": _LAST,
    "SMS Sent": _LAST,
    "SMS Delivered": _LAST,
    "SMS Link Clicked": _LAST,
    "Push Sent": _LAST,
    "Push Notification Received": _LAST,
    "Push Notification Tapped": _LAST,
    "Push Notification Bounced": _LAST,
}
"""Remembered for everybody: what journeys react to and people ask for. Part of every release's features."""


def features(needed: Mapping[str, int] | None = None) -> Features:
    """The common names and what definitions need beyond them (K = the largest threshold + 1)."""
    keep = dict(COMMON)
    for name, count in (needed or {}).items():
        keep[name] = max(keep.get(name, 0), count)
    return Features(keep)
