"""What the hour's audit of segments found: how it compares, what it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import Customer

FLIP_GRACE = timedelta(minutes=2)
"""So long a flip that is due may take to fire: a tick comes every minute."""
CYCLES_KEPT = 1_000
"""Newest purchase cycles that the shop's own is the median of: some days' samples, so that it does not jump."""
ROOTS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Size:
    """Members of a segment; ``exact`` is False if only some shards were counted and the rest estimated from them."""

    members: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Audit:
    """One hour's findings. ``at``: milliseconds; ``mismatches``: segment to customers; ``roots``: their partition keys,
    which are keyed digests; ``cycles``: tenths of days, the newest first; ``left_out``: too large to be told in time.
    """

    at: int
    release: int
    sampled: int
    left_out: int = 0
    mismatches: Mapping[str, int] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    sizes: Mapping[str, Size] = field(default_factory=dict)
    cycles: tuple[int, ...] = ()

    @property
    def purchase_cycle_days(self) -> float | None:
        """How often an average customer buys: the median of the customers' own cycles."""
        return round(median(self.cycles) / 10, 1) if self.cycles else None


def differing(expected: Iterable[str], customer: Customer, listed: Iterable[str], now: datetime) -> frozenset[str]:
    """Segments in which brute force, the decision and the listing do not agree; none while a flip that has come due
    may still be on its way."""
    if customer.armed is not None and 0 <= milliseconds(now) - customer.armed < FLIP_GRACE / timedelta(milliseconds=1):
        return frozenset()
    stored = frozenset(customer.segments)
    return (frozenset(expected) ^ stored) | (stored ^ frozenset(listed))


def newest_cycles(found: Iterable[float], before: Iterable[int]) -> tuple[int, ...]:
    """This hour's cycles in front of those of the hours before."""
    return (*(round(days * 10) for days in found), *before)[:CYCLES_KEPT]
