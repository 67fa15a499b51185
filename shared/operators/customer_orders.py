"""The newest orders of a customer on every channel, and what the shop owes an answer to."""

from __future__ import annotations

from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.profile.profile import Case, Order
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree

MOST_CASES = 10


def customer_orders(environment: Environment, identifier: str, most: int) -> dict[str, list[dict[str, Any]]]:
    """``orders``: the newest first, also cancelled and refunded ones. ``cases``: open complaints, returns and refunds.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    profile = find_tree(environment, identifier).profile()
    newest = sorted(profile.orders, key=lambda one: (one.at, one.id), reverse=True)[:most]
    waiting = sorted((one for one in profile.cases if one.open), key=lambda one: (one.opened_at, one.id))
    return {"orders": [_order(one) for one in newest], "cases": [_case(one) for one in waiting[:MOST_CASES]]}


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "at": time_text(order.at),
        "channel": order.channel,
        "total": float(order.total),
        "refunded": float(order.refunded),
        "currency": order.currency,
        "products": sum(quantity for _, quantity, _ in order.products),
        "state": _state(order),
    }


def _state(order: Order) -> str:
    """The last that is known of it."""
    if order.state != "completed":
        return order.state
    if order.returned:
        return "returned"
    return "delivered" if order.delivered_at else "shipped" if order.shipped_at else "completed"


def _case(case: Case) -> dict[str, Any]:
    return {"id": case.id, "kind": case.kind, "order_id": case.order_id, "opened_at": time_text(case.opened_at)}
