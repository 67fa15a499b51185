"""Names of events: the one table that says how each is called, whatever the sender calls it.

Sources: Segment's e-commerce spec v2 and its v1 aliases, Segment's lifecycle spec, Braze's names for SMS; fulfilment
and cases are ours, in the same grammar (facts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IDENTIFIED = "Identified"
PAGE_VIEWED = "Page Viewed"
SCREEN_VIEWED = "Screen Viewed"
GROUP_JOINED = "Group Joined"
ALIASED = "Aliased"

CONSENT_GRANTED = "Consent Granted"
CONSENT_WITHDRAWN = "Consent Withdrawn"
UNSUBSCRIBED = "Unsubscribed"
PREFERENCES_CHANGED = "Preferences Changed"
WITHDRAWAL_TAKEN_BACK = "Withdrawal Taken Back"

ECOMMERCE = (
    "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
    "Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
    "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", "Order Completed", "Order Updated",
    "Order Cancelled", "Order Refunded", "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
    "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared",
    "Cart Shared", "Product Reviewed",
)  # fmt: skip
FULFILMENT = ("Order Shipped", "Order Delivered")
CASES = (
    "Case Opened", "Case Closed", "Case Resolved", "Complaint Opened", "Complaint Closed", "Complaint Resolved",
    "Return Opened", "Return Requested", "Return Closed", "Return Completed", "Return Cancelled",
    "Refund Requested", "Refund Completed",
)  # fmt: skip
LIFECYCLE = (
    "Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced", "Email Marked as Spam",
    "Email Rejected", "Email Delayed", UNSUBSCRIBED,
    "Push Notification Received", "Push Notification Tapped", "Push Link Clicked", "Push Notification Bounced",
    "SMS Sent", "SMS Delivered", "SMS Delivery Failed",
)  # fmt: skip
CONSENT = (CONSENT_GRANTED, CONSENT_WITHDRAWN, PREFERENCES_CHANGED, WITHDRAWAL_TAKEN_BACK)

V1_ALIASES: Mapping[str, str] = {
    "Viewed Product": "Product Viewed",
    "Added Product": "Product Added",
    "Removed Product": "Product Removed",
    "Completed Order": "Order Completed",
    "Updated Order": "Order Updated",
    "Started Order": "Checkout Started",
    "Viewed Product Category": "Product List Viewed",
    "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed",
    "Viewed Promotion": "Promotion Viewed",
    "Clicked Promotion": "Promotion Clicked",
}


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


_CANONICAL = {_plain(name): name for name in (*ECOMMERCE, *FULFILMENT, *CASES, *LIFECYCLE, *CONSENT)} | {
    _plain(alias): name for alias, name in V1_ALIASES.items()
}
_V1 = frozenset(_plain(alias) for alias in V1_ALIASES)


def canonical_name(name: str) -> str:
    """The name in the table, whatever its case and underscores; an unknown name stays as it is.

    >>> canonical_name("Completed Order"), canonical_name("order_completed"), canonical_name("Quiz Finished")
    ('Order Completed', 'Order Completed', 'Quiz Finished')
    """
    return _CANONICAL.get(_plain(name), name)


def v2_properties(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Properties of an event sent under its v1 name, with v2's ``product_id`` and ``order_id`` beside v1's ids."""
    if _plain(name) not in _V1:
        return properties
    renamed = _with(properties, "order_id", "orderId")
    if "Product" in name and "Category" not in name:
        renamed = _with(renamed, "product_id", "id")
    products = renamed.get("products")
    if isinstance(products, list):
        renamed = renamed | {
            "products": [_with(item, "product_id", "id") if isinstance(item, dict) else item for item in products]
        }
    return renamed


def _with(holder: dict[str, Any], new: str, old: str) -> dict[str, Any]:
    return holder if new in holder or old not in holder else holder | {new: holder[old]}
