"""What a product cost: the prices of 90 days, and the lowest of the 30 days before a reduction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct

KEEP = timedelta(days=90)
REDUCTION = timedelta(days=30)
"""Directive 98/6/EC, article 6a: a reduction names the lowest price of at least 30 days before it."""
MOST = 200
"""Changes that are kept; a price that changes more often than twice a day loses the oldest first."""


class Price(Struct, frozen=True):
    """What it cost since an instant, until the next price."""

    since: datetime
    amount: Decimal
    currency: str


def with_price(history: Sequence[Price], price: Price) -> tuple[Price, ...]:
    """The history after a price. One that says the same as the last, or is older than it, changes nothing.

    What ended more than 90 days before is forgotten; the price of 90 days ago is kept, although it began before.
    """
    last = history[-1] if history else None
    if last is not None and (
        price.since < last.since or (price.amount, price.currency) == (last.amount, last.currency)
    ):
        return tuple(history)
    if last is not None and price.since == last.since:
        history = history[:-1]
    grown = [*history, price]
    start = price.since - KEEP
    first = max((place for place, one in enumerate(grown) if one.since <= start), default=0)
    return tuple(grown[max(first, len(grown) - MOST) :])


def lowest_before_reduction(history: Sequence[Price], now: datetime) -> Decimal | None:
    """The lowest price of the 30 days before today's price began; None if it is no reduction, or nothing is known of
    before. Prices in another currency do not count."""
    known = [price for price in history if price.since <= now]
    if len(known) < 2:
        return None
    today, before = known[-1], known[:-1]
    if before[-1].currency != today.currency or today.amount >= before[-1].amount:
        return None
    start = today.since - REDUCTION
    ends = [*(price.since for price in before[1:]), today.since]
    amounts = [
        price.amount
        for price, end in zip(before, ends, strict=True)
        if end > start and price.currency == today.currency
    ]
    return min(amounts)
