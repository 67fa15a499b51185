"""What changed beyond chance between two periods, out of many figures that are compared at once.

A figure is a sum over customers divided by another, such as clicks by messages. Customers are counted in both periods,
and one customer's messages are alike; so the customer is the unit: the error of the difference comes from what each
adds to it (the delta method, clustered by customer).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from shared.domain.measure.intervals import z

PROMISED = 0.05
"""Of figures that are told, at most this share has not changed (Benjamini and Hochberg, 1995); a shop in which nothing
changed is told nothing in 95 of 100 digests."""
FEWEST_CUSTOMERS = 30
FEWEST_HITS = 10
"""With fewer than so many on either side of a share, in both periods together, it is not compared."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in two periods, as sums over customers: ``n`` what is divided by, ``h`` what is divided; 1 is the later
    period and 0 the one before. ``customers``: those with some ``n``, of the period that has fewer."""

    customers: int
    n1: float
    h1: float
    n0: float
    h0: float
    h1h1: float
    h1n1: float
    n1n1: float
    h0h0: float
    h0n0: float
    n0n0: float
    h1h0: float
    h1n0: float
    n1h0: float
    n1n0: float

    @property
    def now(self) -> float:
        return self.h1 / self.n1

    @property
    def before(self) -> float:
        return self.h0 / self.n0

    @property
    def comparable(self) -> bool:
        """Whether there are enough customers, and enough of both kinds, for the normal distribution to hold."""
        hits = self.h1 + self.h0
        return self.customers >= FEWEST_CUSTOMERS and FEWEST_HITS <= hits <= self.n1 + self.n0 - FEWEST_HITS

    @property
    def error(self) -> float:
        """The standard error of ``now - before``."""
        now, before = self.now, self.before
        later = self.h1h1 - 2 * now * self.h1n1 + now * now * self.n1n1
        earlier = self.h0h0 - 2 * before * self.h0n0 + before * before * self.n0n0
        both = self.h1h0 - before * self.h1n0 - now * self.n1h0 + now * before * self.n1n0
        variance = later / self.n1**2 + earlier / self.n0**2 - 2 * both / (self.n1 * self.n0)
        return sqrt(max(0.0, variance) * self.customers / (self.customers - 1))

    @property
    def chance(self) -> float:
        """The probability of a difference as large as this or larger if nothing changed; 1 if it cannot be told."""
        error = self.error
        return 1.0 if error == 0 else erfc(abs(self.now - self.before) / error / sqrt(2))


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that changed: its place among those that were asked, and the interval of the difference.

    Of all intervals that are told, 95 of 100 hold the truth: they are wider than those of single figures, because only
    figures that stand out are told (Benjamini and Yekutieli, 2005).
    """

    place: int
    difference: float
    low: float
    high: float
    chance: float


def changed(figures: Sequence[Figure], promised: float = PROMISED) -> tuple[int, list[Change]]:
    """How many figures could be compared, and those that changed, the least doubtful first."""
    tested = sorted((one.chance, place) for place, one in enumerate(figures) if one.comparable)
    told = 0
    for rank, (chance, _) in enumerate(tested, start=1):
        if chance <= promised * rank / len(tested):
            told = rank
    if not told:
        return len(tested), []
    wide = z(1 - promised * told / len(tested))
    made = []
    for chance, place in tested[:told]:
        one = figures[place]
        difference, half = one.now - one.before, wide * one.error
        made.append(Change(place, difference, difference - half, difference + half, chance))
    return len(tested), made
