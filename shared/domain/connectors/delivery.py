"""A delivery of a shop: whether the shop signed it, what it is about, and what it becomes.

Nothing but the body is signed: topic, shop and number of a delivery stand in headers that whoever replays a body may
change. So nothing is decided by them but the form in which the body is read, and a body that comes again, by whatever
number, is the same events, products and levels.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.connectors import shopify_orders, shopify_people, shopify_products
from shared.domain.connectors import woocommerce_orders as woo_orders
from shared.domain.connectors import woocommerce_products as woo_products
from shared.domain.connectors.body_kinds import fits
from shared.domain.connectors.connector import NEXT_SECRET, SECRET, Connector, SignedField
from shared.domain.connectors.mapping import Search, translate_by_mapping
from shared.domain.connectors.payload import id_text, milliseconds_of
from shared.domain.connectors.translation import ItemGone, Translation
from shared.domain.senders.webhook import is_genuine

SIGNATURES = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature"}
TOPICS = {"shopify": "x-shopify-topic", "woocommerce": "x-wc-webhook-topic"}
HOSTS = {"shopify": "x-shopify-shop-domain", "woocommerce": "x-wc-webhook-source"}
TRIGGERED = "x-shopify-triggered-at"
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
MOST_BYTES = 4_000_000
"""Of a delivery: a product of Shopify with all its variants is below that."""

Reader = Callable[[Mapping[str, Any], Connector, Translation], None]
SHOPIFY: Mapping[str, Reader] = {
    **dict.fromkeys(
        ("orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/edited",
         "orders/partially_fulfilled"),
        shopify_orders.read_order,
    ),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), shopify_orders.read_fulfilment),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), shopify_orders.read_checkout),
    **dict.fromkeys(
        ("customers/create", "customers/update", "customers/enable", "customers/disable"),
        shopify_people.read_customer,
    ),
    **dict.fromkeys(
        ("customers_email_marketing_consent/update", "customers_marketing_consent/update"),
        shopify_people.read_consent_change,
    ),
    **dict.fromkeys(("products/create", "products/update"), shopify_products.read_products),
    **dict.fromkeys(
        ("inventory_items/create", "inventory_items/update"),
        lambda body, _connector, told: shopify_products.read_item(body, told),
    ),
}  # fmt: skip
LEVELS = frozenset({"inventory_levels/update", "inventory_levels/connect"})
WOOCOMMERCE: Mapping[str, Reader] = {
    **dict.fromkeys(("order.created", "order.updated", "order.restored"), woo_orders.read_order),
    **dict.fromkeys(("customer.created", "customer.updated"), woo_orders.read_customer),
    **dict.fromkeys(("product.created", "product.updated", "product.restored"), woo_products.read_product),
}
GONE = {
    "shopify": frozenset({"inventory_items/delete", "inventory_levels/disconnect"}),
    "woocommerce": frozenset({"product.deleted"}),
}
INSTEAD = {
    "products/delete": "names no variants; subscribe to inventory_items/delete, which comes with it for each of them",
    "orders/delete": "names no customer; cancel an order before it is deleted",
    "order.deleted": "names no customer; cancel an order before it is deleted",
    "refunds/create": "names no customer; subscribe to orders/updated, which comes with it and holds the refund",
    "customers/redact": "erases nobody by itself: answer it with `kervan customer erase`",
    "customers/data_request": "is not answered by itself: answer it with `kervan customer export`",
    "shop/redact": "erases nothing by itself",
}


class UnreadableDelivery(ValueError):
    """The body is no JSON object. The message repeats nothing of it."""


def is_ping(platform_header: str, body: bytes) -> bool:
    """Whether it is the unsigned question of WooCommerce whether the address is there, when a webhook is saved."""
    form = platform_header.partition(";")[0].strip().lower() in {"", "application/x-www-form-urlencoded"}
    return form and _PING.fullmatch(body) is not None


def is_signed(
    connector: Connector, secrets: Mapping[str, str], headers: Mapping[str, str], query: Mapping[str, str],
    body: bytes, now: datetime,
) -> bool:  # fmt: skip
    """Whether the raw body is signed with one of the two secrets; compared in constant time, and with both."""
    known = [secret for name in (SECRET, NEXT_SECRET) if (secret := secrets.get(name, ""))]
    if connector.check is not None:
        found = [is_genuine(connector.check, secret, headers, query, body, now) for secret in known]
        return True in found
    if connector.signed is not None:
        return _field_is_signed(connector.signed, known, body)
    given = headers.get(SIGNATURES[connector.platform], "").strip().encode("utf-8", "surrogatepass")
    wanted = [base64.b64encode(hmac.new(one.encode(), body, hashlib.sha256).digest()) for one in known]
    found = [hmac.compare_digest(given, one) for one in wanted]  # with each, so that no time tells which one it was
    return True in found


def _field_is_signed(signed: SignedField, known: Sequence[str], body: bytes) -> bool:
    try:
        said = read_content(body)
    except UnreadableDelivery:
        return False
    content, given = (said.get(signed.content), said.get(signed.signature)) if isinstance(said, dict) else (None, None)
    if not isinstance(content, str) or not isinstance(given, str):
        return False
    raw = given.strip().encode("utf-8", "surrogatepass")
    found = []
    for secret in known:
        digest = hmac.new(secret.encode(), content.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        wanted = digest.hex().encode() if signed.encoding == "hex" else base64.b64encode(digest)
        found.append(hmac.compare_digest(raw.lower() if signed.encoding == "hex" else raw, wanted))
    return True in found


def read_content(body: bytes) -> Any:
    """The JSON of a delivery.

    Raises
    ------
    UnreadableDelivery
        If it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise UnreadableDelivery("the body is not JSON") from broken


def translate(
    connector: Connector, headers: Mapping[str, str], content: Any, search: Search, now_ms: int = 0
) -> Translation:
    """What a delivery becomes. Never fails: what cannot be used is told. ``now_ms``: when it came, for what names no
    time of its own."""
    told = Translation()
    if connector.mapping is not None:
        translate_by_mapping(connector.mapping, connector, headers, content, search, told)
        return told
    if not isinstance(content, dict):
        told.warn("topic", "comes with a body that is no object", "not_an_object")
        return told
    topic = headers.get(TOPICS[connector.platform], "").strip().lower()
    if not fits(connector.platform, topic, content):
        told.warn("topic", "does not fit the body: it is of another kind", "not_supported")
        return told
    if connector.platform == "shopify" and topic in LEVELS:
        triggered = milliseconds_of(headers.get(TRIGGERED)) or 0
        shopify_products.read_level(content, triggered, connector, told)
        return told
    if topic in GONE[connector.platform]:
        _gone(topic, content, connector, min(milliseconds_of(headers.get(TRIGGERED)) or now_ms, now_ms), told)
        return told
    reader = (SHOPIFY if connector.platform == "shopify" else WOOCOMMERCE).get(topic)
    if reader is None:
        told.warn("topic", INSTEAD.get(topic, "is none of those that are used"), "not_supported")
    else:
        reader(content, connector, told)
    return told


def _gone(topic: str, content: Mapping[str, Any], connector: Connector, at_ms: int, told: Translation) -> None:
    """What was deleted, by its id alone."""
    id_ = id_text(content.get("id"))
    if topic == "inventory_levels/disconnect":
        shopify_products.read_disconnect(content, at_ms, connector, told)
    elif not id_:
        told.warn("item", "has no id", "missing")
    else:
        told.gone.append(ItemGone(id_, at_ms))


def says_host(connector: Connector, headers: Mapping[str, str]) -> bool:
    """Whether the delivery says that it is of the connector's shop."""
    header = HOSTS.get(connector.platform)
    return header is None or connector.is_host(headers.get(header, "").strip())
