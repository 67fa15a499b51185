"""From a random sample to all: how many, and how sure (Wilson's interval)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """``low`` to ``high``: where the true number lies, in 95 of 100 samples. Exact: all three are equal."""

    count: int
    low: int
    high: int


def wilson(hits: int, looked_at: int) -> tuple[float, float]:
    """The shares between which the true one lies with 95% confidence; never below 0 or above 1, also at 0 hits.

    >>> [round(share, 3) for share in wilson(0, 500)], [round(share, 3) for share in wilson(50, 500)]
    ([0.0, 0.008], [0.077, 0.129])
    """
    if looked_at == 0:
        return 0.0, 1.0
    share, square = hits / looked_at, _95 * _95
    middle = share + square / (2 * looked_at)
    half = _95 * sqrt(share * (1 - share) / looked_at + square / (4 * looked_at * looked_at))
    whole = 1 + square / looked_at
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def estimate(hits: int, looked_at: int, everybody: int, *, exact: bool) -> Estimate:
    """How many of everybody, if so many of those looked at."""
    if exact:
        return Estimate(hits, hits, hits)
    low, high = wilson(hits, looked_at)
    share = hits / looked_at if looked_at else 0.0
    return Estimate(round(everybody * share), max(hits, int(everybody * low)), min(everybody, ceil(everybody * high)))
