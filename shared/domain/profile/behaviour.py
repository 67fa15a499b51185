"""What somebody does in the shop, out of orders: how often, in which categories, on which channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.profile.profile import Order

LEAST_GAPS = 2
"""Gaps between days with orders, before they are called a cycle."""
_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


class Bought(Struct, frozen=True):
    """A category or a channel: orders, and what was paid in the shop's currency before refunds."""

    name: str
    orders: int
    amount: Decimal
    first_at: datetime
    last_at: datetime


def purchase_cycle(orders: Iterable[Order], zone: ZoneInfo) -> float | None:
    """The customer's own cycle in days: the median of the gaps between the local days on which something was ordered.

    Two orders of one day are one purchase, and one long pause does not move a median. None below LEAST_GAPS gaps.
    """
    days = sorted({order.at.astimezone(zone).date() for order in orders})
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    if len(gaps) < LEAST_GAPS:
        return None
    middle = len(gaps) // 2
    return float(gaps[middle]) if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2


def days_since_last(orders: Sequence[Order], now: datetime) -> int | None:
    """Whole days of 24 h (docs/definitions.md#durations); 0 for an order whose clock is ahead of ours."""
    return max(0, (now - max(order.at for order in orders)) // _DAY) if orders else None


def categories_bought(orders: Iterable[Order], currency: str) -> tuple[Bought, ...]:
    """By number of orders, then by amount, then the one whose first order is newest.

    An order counts once per category. The amount is that of its products whose price was said.
    """
    found: dict[str, list[tuple[Order, Decimal]]] = defaultdict(list)
    for order in orders:
        of_order: dict[str, Decimal] = {}
        for product, _, category in order.products:
            if category:
                of_order[category] = of_order.get(category, _NOTHING) + order.amounts.get(product, _NOTHING)
        for category, amount in of_order.items():
            found[category].append((order, amount))
    return _ranked(found, currency)


def channels_bought(orders: Iterable[Order], currency: str) -> tuple[Bought, ...]:
    """The channels on which orders were completed, in the same order."""
    found: dict[str, list[tuple[Order, Decimal]]] = defaultdict(list)
    for order in orders:
        if order.channel:
            found[order.channel].append((order, order.total))
    return _ranked(found, currency)


def _ranked(found: dict[str, list[tuple[Order, Decimal]]], currency: str) -> tuple[Bought, ...]:
    bought = [
        Bought(
            name,
            len(parts),
            sum((amount for order, amount in parts if order.currency in {"", currency}), _NOTHING),
            min(order.at for order, _ in parts),
            max(order.at for order, _ in parts),
        )
        for name, parts in found.items()
    ]
    return tuple(sorted(bought, key=lambda one: (-one.orders, -one.amount, -one.first_at.timestamp(), one.name)))
