"""Orders and customers of WooCommerce as events.

Forms: https://woocommerce.github.io/woocommerce-rest-api-docs, resources Order and Customer; webhooks send the same.

As with Shopify, what never changes is an event of one id, what changes is an ``Order Updated`` of this version.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.order_lines import LineFields, order_lines
from shared.domain.connectors.payload import (
    body,
    id_text,
    identify,
    milliseconds_of,
    named,
    object_at,
    objects_at,
    text,
    version,
    who_ordered,
)
from shared.domain.connectors.shopify_orders import MOST_PARCELS, NO_ID, NOBODY, OTHER_CURRENCY
from shared.domain.connectors.translation import Translation
from shared.domain.events.amounts import read_amount

LINES = LineFields(("variation_id", "product_id"), ("name",))
PLACED = frozenset({"processing", "on-hold", "completed", "refunded"})
"""An order that is none of these was never placed, or is no more: ``pending`` waits for its payment."""

OVER = frozenset({"cancelled", "trash"})


def read_order(order: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """The events of an order in its present state."""
    id_, created = id_text(order.get("id")), milliseconds_of(order.get("date_created_gmt"))
    if not id_ or created is None:
        told.warn("order", NO_ID, "missing")
        return
    status = text(order.get("status")).removeprefix("wc-")
    paid = milliseconds_of(order.get("date_paid_gmt")) is not None
    over = status in OVER or (status == "failed" and paid)  # unpaid it failed before it was placed
    if status not in PLACED and not over:
        return  # a draft or an order that waits for its payment: it comes again when it is placed
    billing = object_at(order, "billing")
    who = who_ordered(connector.user_of(order.get("customer_id")), billing.get("email"), billing.get("phone"))
    if not who:
        told.warn("order", NOBODY, "names_nobody")
        return
    updated = max(milliseconds_of(order.get("date_modified_gmt")) or created, created)
    prefix = f"{connector.connector}-order-{id_}"
    about: dict[str, Any] = {"order_id": text(order.get("number"), 100) or id_}
    # A cancelled order counts only if a delivery tells that it was placed: unpaid ones are cancelled by the clock.
    if status in PLACED or paid:
        said = about | _content(order, told)
        told.add(body("Order Completed", created, prefix, said | {"cart_id": id_}, who, visit=True))
        told.add(version(body("Order Updated", updated, f"{prefix}-at", said, who)))
    if over:
        told.add(body("Order Cancelled", updated, f"{prefix}-cancelled", about, who))
    shipped = milliseconds_of(order.get("date_completed_gmt"))
    if shipped is not None:
        told.add(body("Order Shipped", shipped, f"{prefix}-shipped", about, who))
    for refund in list(objects_at(order, "refunds"))[:MOST_PARCELS]:
        _refund(refund, order, updated, prefix, about, who, told)


def read_customer(customer: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """An identify. WooCommerce knows nothing of consent."""
    id_, created = id_text(customer.get("id")), milliseconds_of(customer.get("date_created_gmt"))
    updated = milliseconds_of(customer.get("date_modified_gmt")) or created
    if not id_ or updated is None:
        told.warn("customer", NO_ID, "missing")
        return
    billing = object_at(customer, "billing")
    email = text(customer.get("email"), 320) or text(billing.get("email"), 320)
    places = (("city", "city"), ("state", "state"), ("postalCode", "postcode"), ("country", "country"))
    traits = {
        "email": email,
        "phone": text(billing.get("phone"), 40),
        "firstName": text(customer.get("first_name"), 100) or text(billing.get("first_name"), 100),
        "lastName": text(customer.get("last_name"), 100) or text(billing.get("last_name"), 100),
        "company": text(billing.get("company"), 100),
        "username": text(customer.get("username"), 100),
        "address": {name: value for name, field in places if (value := text(billing.get(field), 100))},
    }
    who = named(connector.user_of(id_), email)  # nobody has proven a typed number
    told.add(identify(updated, f"{connector.connector}-customer-{id_}", traits, who))


def _content(order: Mapping[str, Any], told: Translation) -> dict[str, Any]:
    codes = [text(one.get("code"), 100) for one in objects_at(order, "coupon_lines")]
    return {
        "total": text(order.get("total"), 40),
        "shipping": text(order.get("shipping_total"), 40),
        "tax": text(order.get("total_tax"), 40),
        "discount": text(order.get("discount_total"), 40),
        "currency": text(order.get("currency"), 3),
        "coupon": next(filter(None, codes), ""),
        "products": list(order_lines(order, LINES, told)),
    }


def _refund(
    refund: Mapping[str, Any], order: Mapping[str, Any], at_ms: int, prefix: str, about: dict[str, Any],
    who: Mapping[str, str], told: Translation,
) -> None:  # fmt: skip
    """WooCommerce does not say when it was: at the latest when the order changed. The sum is written below zero."""
    id_, amount = id_text(refund.get("id")), read_amount(refund.get("total"))
    if not id_ or not isinstance(amount, Decimal):
        told.warn("refund", "has no id, or a total that cannot be read", "missing")
        return
    own, named = text(order.get("currency"), 3).upper(), text(refund.get("currency"), 3).upper()
    if own and named and own != named:
        told.warn("refund", OTHER_CURRENCY, "not_a_currency")
    elif amount:
        said = about | {"refund_id": id_, "total": format(abs(amount), "f"), "currency": own}
        told.add(body("Order Refunded", at_ms, f"{prefix}-refund-{id_}", said, who))
