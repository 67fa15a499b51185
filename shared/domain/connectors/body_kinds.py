"""Whether a body is of the kind that its topic says.

The topic stands in a header that is not signed. Whoever replays a signed body under another topic must not make a
customer of an order, or a product of a customer: each kind has fields that no other one has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ORDER = frozenset({"financial_status", "order_number", "order_status_url", "total_outstanding"})
_CHECKOUT = frozenset({"abandoned_checkout_url", "completed_at"})
_PRODUCT = frozenset({"variants", "handle"})
_LINES = frozenset({"line_items"})
_STOCK = frozenset({"inventory_item_id", "available"})
_ACCOUNT = frozenset({"orders_count", "total_spent", "default_address", "email_marketing_consent"})
_ITEM = frozenset({"country_code_of_origin", "tracked", "requires_shipping"})
_WOO_PRODUCT = frozenset({"regular_price", "stock_status", "manage_stock"})
_WOO_ACCOUNT = frozenset({"username", "is_paying_customer"})

NEVER: Mapping[str, Mapping[str, frozenset[str]]] = {
    "shopify": {
        "orders": _CHECKOUT | _PRODUCT | _STOCK | _ACCOUNT,
        "checkouts": _ORDER | _PRODUCT | _STOCK | _ACCOUNT,
        "fulfillments": _ORDER | _CHECKOUT | _PRODUCT | _STOCK | _ACCOUNT,
        "customers": _ORDER | _PRODUCT | _LINES | _STOCK | _ITEM,
        "customers_email_marketing_consent": _ORDER | _PRODUCT | _LINES | _STOCK | _ITEM,
        "customers_marketing_consent": _ORDER | _PRODUCT | _LINES | _STOCK | _ITEM,
        "products": _ORDER | _LINES | _STOCK | _ACCOUNT | _ITEM,
        "inventory_items": _ORDER | _PRODUCT | _LINES | _STOCK | _ACCOUNT,
        "inventory_levels": _ORDER | _PRODUCT | _LINES | _ACCOUNT | _ITEM,
    },
    "woocommerce": {
        "order": _WOO_PRODUCT | _WOO_ACCOUNT,
        "customer": _WOO_PRODUCT | _LINES,
        "product": _LINES | _WOO_ACCOUNT | frozenset({"billing"}),
    },
}
"""By platform and kind of topic: fields by which a body shows that it is of another kind."""


_STATE = frozenset({"updated_at", "date_modified_gmt", "available"})
"""What an object says of its state. One that is gone has none: its body is its id."""
_END = ("/delete", "/disconnect", ".deleted")


def fits(platform: str, topic: str, body: Mapping[str, Any]) -> bool:
    """Whether a body may be of a topic."""
    if topic.endswith(_END) and _STATE & body.keys():
        return False
    kind = topic.partition("/")[0] if platform == "shopify" else topic.partition(".")[0]
    return not (NEVER.get(platform, {}).get(kind, frozenset()) & body.keys())
