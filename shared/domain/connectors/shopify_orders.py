"""Orders, fulfilments and checkouts of Shopify as events.

Forms: https://shopify.dev/docs/api/admin-rest, resources Order, Fulfillment, Checkout; webhooks send the same objects.

An order's state comes whole with each of its deliveries. What never changes is an event of one id (``Order Completed``,
each refund, each parcel); what changes is an ``Order Updated`` of this version. So facts are the same whatever comes
first, twice or not at all, as long as the newest version came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.order_lines import LineFields, order_lines
from shared.domain.connectors.payload import (
    MOST_LINES,
    body,
    id_text,
    milliseconds_of,
    named,
    object_at,
    objects_at,
    text,
    version,
    who_ordered,
    whole_number,
)
from shared.domain.connectors.translation import Translation
from shared.domain.events.amounts import read_amount

LINES = LineFields(
    ("variant_id", "product_id", "id"), ("title", "name"), "variant_title", "vendor", no_variant="Default Title"
)  # fmt: skip
MOST_PARCELS = 50
NO_ID = "has no id or no time"
OTHER_CURRENCY = "is in another currency than the order, by a rate that nobody said; it is not counted"
_CENT = Decimal("0.01")
NOBODY = "names no customer, no e-mail address and no phone number"


def read_order(order: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """The events of an order in its present state."""
    if order.get("test") is True:
        told.warn("order", "is a test order", "test_order")
        return
    id_, created = id_text(order.get("id")), milliseconds_of(order.get("created_at"))
    if not id_ or created is None:
        told.warn("order", NO_ID, "missing")
        return
    who = who_of(order, connector)
    if not who:
        told.warn("order", NOBODY, "names_nobody")
        return
    updated = max(milliseconds_of(order.get("updated_at")) or created, created)
    prefix = f"{connector.connector}-order-{id_}"
    about: dict[str, Any] = {"order_id": order_name(order, id_)}
    said = about | _content(order, told)
    told.add(body("Order Completed", created, prefix, said | {"cart_id": id_}, who, visit=True))
    told.add(version(body("Order Updated", updated, f"{prefix}-at", said, who)))
    cancelled = milliseconds_of(order.get("cancelled_at"))
    if cancelled is not None:
        reason = {"reason": text(order.get("cancel_reason"), 60)}
        told.add(body("Order Cancelled", cancelled, f"{prefix}-cancelled", about | reason, who))
    for refund in list(objects_at(order, "refunds"))[:MOST_PARCELS]:
        _refund(refund, order, prefix, about, who, told)
    for parcel in list(objects_at(order, "fulfillments"))[:MOST_PARCELS]:
        read_parcel(parcel, connector, told, about["order_id"], who)


def read_fulfilment(parcel: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """The events of a parcel that comes alone: its name is that of the order and a number (``#1001.1``)."""
    order = text(parcel.get("name"), 100).rpartition(".")[0]
    who = named(email=parcel.get("email"))
    if not order or not who:
        told.warn("fulfilment", "names no order or no e-mail address; orders/updated tells of it too", "names_nobody")
        return
    read_parcel(parcel, connector, told, order, who)


def read_parcel(
    parcel: Mapping[str, Any], connector: Connector, told: Translation, order: str, who: Mapping[str, str]
) -> None:
    """A parcel that left, its tracking, and whether it arrived."""
    id_, created = id_text(parcel.get("id")), milliseconds_of(parcel.get("created_at"))
    if not id_ or created is None:
        told.warn("fulfilment", NO_ID, "missing")
        return
    if text(parcel.get("status")) in {"cancelled", "error", "failure"}:
        return
    updated = max(milliseconds_of(parcel.get("updated_at")) or created, created)
    prefix = f"{connector.connector}-parcel-{id_}"
    tracking = {
        "tracking_number": text(parcel.get("tracking_number"), 60),
        "tracking_url": text(parcel.get("tracking_url"), 300),
        "carrier": text(parcel.get("tracking_company"), 60),
    }
    about = {"order_id": order}
    told.add(body("Order Shipped", created, prefix, about | tracking, who))
    if any(tracking.values()):
        told.add(version(body("Order Updated", updated, f"{prefix}-at", about | tracking, who)))
    if text(parcel.get("shipment_status")) == "delivered":
        told.add(body("Order Delivered", updated, f"{prefix}-delivered", about, who))


def read_checkout(checkout: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """A checkout that is not completed is a cart; one that is becomes an order, which is told apart."""
    if checkout.get("completed_at") is not None:
        return
    id_ = text(checkout.get("token"), 64) or id_text(checkout.get("id"))
    created = milliseconds_of(checkout.get("created_at"))
    if not id_ or created is None:
        told.warn("checkout", NO_ID, "missing")
        return
    who = who_of(checkout, connector)
    if not who:
        told.warn("checkout", NOBODY, "names_nobody")
        return
    updated = max(milliseconds_of(checkout.get("updated_at")) or created, created)
    prefix, about = f"{connector.connector}-checkout-{id_[:40]}", {"checkout_id": id_}
    told.add(body("Checkout Started", created, prefix, about, who, visit=True))
    currency = text(checkout.get("currency"), 3)
    # An empty list empties the cart, so it is sent too.
    found = version(body("Cart Updated", updated, f"{prefix}-at", about | {"currency": currency}, who, visit=True))
    found["properties"]["products"] = list(order_lines(checkout, LINES, told))
    told.add(version(found))


def who_of(holder: Mapping[str, Any], connector: Connector) -> dict[str, str]:
    """The customer of an order or a checkout.

    The phone of a delivery address is not taken: it may be of somebody to whom a gift is sent. Nor does an address that
    was only typed tie anybody to it (``who_ordered``); what the shop's own record of the customer says does.
    """
    customer = object_at(holder, "customer")
    user = connector.user_of(customer.get("id"))
    if user:
        return named(user, customer.get("email"), customer.get("phone"))
    typed = next((one for name in ("email", "contact_email") if (one := holder.get(name))), None)
    return who_ordered("", typed or customer.get("email"), holder.get("phone") or customer.get("phone"))


def order_name(order: Mapping[str, Any], id_: str) -> str:
    """What people and exports call the order: ``#1001``."""
    return text(order.get("name"), 100) or id_


def _content(order: Mapping[str, Any], told: Translation) -> dict[str, Any]:
    shipping = object_at(object_at(order, "total_shipping_price_set"), "shop_money")
    codes = [text(one.get("code"), 100) for one in objects_at(order, "discount_codes")]
    return {
        "total": text(order.get("total_price"), 40),
        "subtotal": text(order.get("subtotal_price"), 40),
        "shipping": text(shipping.get("amount"), 40),
        "tax": text(order.get("total_tax"), 40),
        "discount": text(order.get("total_discounts"), 40),
        "currency": text(order.get("currency"), 3),
        "coupon": next(filter(None, codes), ""),
        "products": list(order_lines(order, LINES, told)),
    }


def _refund(
    refund: Mapping[str, Any], order: Mapping[str, Any], prefix: str, about: dict[str, Any], who: Mapping[str, str],
    told: Translation,
) -> None:  # fmt: skip
    """Money that went back. A refund without money only puts pieces back, which the stock tells."""
    id_ = id_text(refund.get("id"))
    at_ms = milliseconds_of(refund.get("processed_at")) or milliseconds_of(refund.get("created_at"))
    if not id_ or at_ms is None:
        told.warn("refund", NO_ID, "missing")
        return
    amount = Decimal()
    for paid in objects_at(refund, "transactions"):
        if paid.get("kind") != "refund" or paid.get("status") != "success":
            continue
        given = _in_currency_of(order, paid)
        if given is None:
            told.warn("refund", OTHER_CURRENCY, "not_a_currency")
            return
        amount += given
    if not amount:
        return
    said = {"refund_id": id_, "total": format(amount, "f"), "currency": text(order.get("currency"), 3)}
    products = {"products": list(_refunded(refund))}
    told.add(version(body("Order Refunded", at_ms, f"{prefix}-refund-{id_}", about | said | products, who)))


def _in_currency_of(order: Mapping[str, Any], paid: Mapping[str, Any]) -> Decimal | None:
    """What was paid back in the order's currency; None if that cannot be known.

    A customer who paid in another currency gets it back in that one. The order says its total in both, so by that rate.
    """
    amount = read_amount(paid.get("amount"))
    if not isinstance(amount, Decimal) or amount <= 0:
        return Decimal()
    own, said = text(order.get("currency"), 3).upper(), text(paid.get("currency"), 3).upper()
    if not said or not own or said == own:
        return amount
    totals = object_at(order, "total_price_set")
    shop, shown = object_at(totals, "shop_money"), object_at(totals, "presentment_money")
    ours, theirs = read_amount(shop.get("amount")), read_amount(shown.get("amount"))
    named = text(shop.get("currency_code"), 3).upper(), text(shown.get("currency_code"), 3).upper()
    if named != (own, said) or not isinstance(ours, Decimal) or not isinstance(theirs, Decimal) or theirs <= 0:
        return None
    return (amount * ours / theirs).quantize(_CENT)


def _refunded(refund: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in list(objects_at(refund, "refund_line_items"))[:MOST_LINES]:
        line, quantity = object_at(row, "line_item"), whole_number(row.get("quantity"))
        id_ = text(line.get("sku"), 100) or id_text(line.get("variant_id")) or id_text(row.get("line_item_id"))
        if id_ and quantity is not None and quantity > 0:
            yield {"product_id": id_, "quantity": quantity}
