"""Orders as facts: one entry per order id, exact whatever comes first, an update, a refund or the order itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from shared.domain.facts.newest import Newest, canonical

MAX_REFUNDS = 50
FULL_REFUND = "all"
"""The amount of a refund that names neither a sum nor products."""

STORE_RETURN = "store-return-"
"""The refund id of a return in store begins so, where nobody said what the shop calls the refund."""
SAME_MONEY = timedelta(days=14)
"""Between a return in store and the shop's own report of the refund."""

Ranked = tuple[int, int, str, Any]
"""(1 if the source is trusted else 0, milliseconds, event id, value)"""


def refunds() -> Newest:
    return Newest(MAX_REFUNDS)


class OrderFacts(Struct):
    """Times are milliseconds. ``completed`` is the earliest Order Completed; without it the order does not count yet.

    ``fields``: per name the latest value, a trusted source's before a public one's. ``refunds``: by refund id the
    amount as text, or FULL_REFUND.
    """

    completed: int | None = None
    cancelled: int | None = None
    shipped: int | None = None
    delivered: int | None = None
    fields: dict[str, Ranked] = field(default_factory=dict)
    refunds: Newest = field(default_factory=refunds)

    def absorb(self, other: OrderFacts) -> None:
        self.completed = earliest(self.completed, other.completed)
        self.cancelled = earliest(self.cancelled, other.cancelled)
        self.shipped = earliest(self.shipped, other.shipped)
        self.delivered = earliest(self.delivered, other.delivered)
        for name, value in other.fields.items():
            known = self.fields.get(name)
            self.fields[name] = value if known is None else better(known, value)
        self.refunds.absorb(other.refunds)

    def copy(self) -> OrderFacts:
        times = (self.completed, self.cancelled, self.shipped, self.delivered)
        return OrderFacts(*times, dict(self.fields), self.refunds.copy())


def counted_refunds(refunds: Newest) -> list[tuple[int, str, str]]:
    """The refunds of an order by their time, each with milliseconds, event id and amount.

    A return in store and a refund of the same amount within 14 days, which the shop's platform reports of it, are the
    same money: the shop's word counts.
    """
    entries = sorted(((*entry[:2], entry[2], id_) for id_, entry in refunds.entries.items()), key=lambda one: one[:2])
    in_store = [one for one in entries if one[3].startswith(STORE_RETURN)]
    others = [one for one in entries if not one[3].startswith(STORE_RETURN)]
    told_twice = set()
    unmatched = list(others)
    for one in in_store:
        same = next((other for other in unmatched if _is_same_money(one, other)), None)
        if same is not None:
            unmatched.remove(same)
            told_twice.add(one[3])
    return [(when, event, amount) for when, event, amount, id_ in entries if id_ not in told_twice]


def _is_same_money(one: tuple[int, str, str, str], other: tuple[int, str, str, str]) -> bool:
    near = abs(one[0] - other[0]) <= SAME_MONEY / timedelta(milliseconds=1)
    return near and FULL_REFUND not in (one[2], other[2]) and Decimal(one[2]) == Decimal(other[2])


def earliest(one: int | None, other: int | None) -> int | None:
    """The minimum, where None is "never"."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def better(one: Ranked, other: Ranked) -> Ranked:
    """The trusted before the public, then the later, then by event id, then by value."""
    if one[:3] != other[:3]:
        return one if one[:3] > other[:3] else other
    return one if canonical(one[3]) >= canonical(other[3]) else other
