"""Rows of the lake about a decided customer and his orders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.consent.consent import CHANNELS, MARKETING
from shared.domain.identity.keys import milliseconds
from shared.domain.lake.tables import Row
from shared.domain.profile.customer_item import Customer
from shared.domain.profile.profile import Order
from shared.domain.segments.evaluate_consent import writable
from shared.domain.segments.subject import Subject

_NOTHING = Decimal(0)


def customer_row(subject: Subject, customer: Customer, now: datetime) -> Row:
    """The row of a customer as ``customer`` decided him.

    ``orders`` and ``revenue`` are those of ``GET /v1/customers/...``: orders that count, refunds taken off, revenue in
    the shop's currency.
    """
    profile, shop = subject.profile, subject.shop
    counted = subject.counted.orders
    paid = [order.total - order.refunded for order in counted if order.currency in {"", shop.currency}]
    row: dict[str, Any] = {
        "root": profile.id,
        "version": customer.version,
        "at": milliseconds(now),
        "state": customer.state,
        "members": list(profile.keys),
        "segments": dict(sorted(customer.segments.items())),
        "orders": len(counted),
        "revenue": _money(sum(paid, _NOTHING)),
        "first_order_at": milliseconds(counted[0].at) if counted else None,
        "last_order_at": milliseconds(counted[-1].at) if counted else None,
        "reachable": [
            channel
            for channel in CHANNELS
            if subject.addresses.get(channel) is not None and writable(channel, MARKETING, subject, now)
        ],
    }
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def absorbed_row(root: str, customer: Customer, now: datetime) -> Row:
    """The row of an identifier that has an owner now: what was its customer ends here."""
    return {"root": root, "version": customer.version, "at": milliseconds(now), "state": customer.state}


def order_rows(
    orders: Iterable[Order], homes: Mapping[str, Collection[str]], root: str, version: int, now: datetime
) -> list[Row]:
    """The rows of those orders that events named, as they are now.

    Parameters
    ----------
    homes
        By order id the identifiers whose log named it just now: each gets a row. Who reads them joins orders of one id
        and one customer.
    version
        That of the customer that was decided with them.
    """
    return [
        {
            "home": home,
            **_order(order),
            "root": root,
            "version": version,
            "decided_at": milliseconds(now),
        }
        for order in orders
        for home in sorted(homes.get(order.id, ()))
    ]


def _order(order: Order) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_id": order.id,
        "ordered_at": milliseconds(order.at),
        "state": order.state,
        "channel": order.channel,
        "total": _money(order.total),
        "refunded": _money(order.refunded),
        "currency": order.currency,
        "coupon": order.coupon,
        "products": [_product(order, *product) for product in order.products],
    }
    return {name: value for name, value in row.items() if value not in ("", [])}


def _product(order: Order, product: str, quantity: int, category: str) -> dict[str, Any]:
    amount = order.amounts.get(product)
    row = {"product_id": product, "category": category, "price": None if amount is None else _money(amount)}
    return {name: value for name, value in row.items() if value} | {"quantity": quantity}


def _money(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01")), "f")
