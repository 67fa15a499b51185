"""Intervals of differences, and when a difference may be called one. Sources are named at each function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
TUNED_FOR = 2_000
"""Customers at which the interval that holds at every look is narrowest."""
FEWEST = 10
"""Customers of a group below which nothing is said of its mean."""
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends belong to it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A group of customers: how many, the sum of a value over them, and the sum of its squares."""

    size: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The value of an average customer."""
        return self.total / self.size

    @property
    def variance(self) -> float:
        """The unbiased variance of one customer's value; needs two of them."""
        return max(0.0, (self.squares - self.total * self.total / self.size) / (self.size - 1))


def rate_of(hits: int, size: int) -> Sample:
    """A group in which ``hits`` did something: a value of 1 for these and 0 for the others."""
    return Sample(size, hits, hits)


def z(confidence: float = CONFIDENCE) -> float:
    """The quantile of the standard normal distribution for a two-sided interval."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(hits: int, size: int, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a rate: E. B. Wilson, 1927 (the score interval). 0 to 1 if there is nobody."""
    if size == 0:
        return Interval(0.0, 1.0)
    quantile = z(confidence)
    square = quantile * quantile
    rate = hits / size
    middle = (rate + square / (2 * size)) / (1 + square / size)
    half = quantile * sqrt(rate * (1 - rate) / size + square / (4 * size * size)) / (1 + square / size)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def newcombe(one: Sample, other: Sample, confidence: float = CONFIDENCE) -> Interval:
    """The interval of ``one``'s rate minus ``other``'s: R. G. Newcombe, 1998, method 10 (of two Wilson intervals)."""
    first, second = (wilson(round(group.total), group.size, confidence) for group in (one, other))
    difference = _rate(one) - _rate(other)
    below = sqrt((_rate(one) - first.low) ** 2 + (second.high - _rate(other)) ** 2)
    above = sqrt((first.high - _rate(one)) ** 2 + (_rate(other) - second.low) ** 2)
    return Interval(difference - below, difference + above)


def welch(one: Sample, other: Sample, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of a difference of means with unequal variances: B. L. Welch, 1947.

    None if a group has fewer than ten customers, or if nobody differs from anybody.
    """
    if min(one.size, other.size) < FEWEST:
        return None
    first, second = one.variance / one.size, other.variance / other.size
    if first + second == 0:
        return None
    freedom = (first + second) ** 2 / (first**2 / (one.size - 1) + second**2 / (other.size - 1))
    half = t_quantile((1 + confidence) / 2, freedom) * sqrt(first + second)
    difference = one.mean - other.mean
    return Interval(difference - half, difference + half)


def t_quantile(share: float, freedom: float) -> float:
    """The quantile of Student's t: the expansion of Cornish and Fisher, as Abramowitz and Stegun 26.7.5 give it.

    Its error is below 0.001 for nine degrees of freedom or more at 97.5 per cent.
    """
    x = NormalDist().inv_cdf(share)
    return (
        x
        + (x**3 + x) / (4 * freedom)
        + (5 * x**5 + 16 * x**3 + 3 * x) / (96 * freedom**2)
        + (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / (384 * freedom**3)
        + (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / (92160 * freedom**4)
    )


def at_every_look(one: Sample, other: Sample, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of a difference of means that holds however often it is looked at, while customers come.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, 2021 (theorem 2.2). It is
    wider than the one of a single look: who stops as soon as it excludes zero errs in at most 5 of 100 tests. None as
    ``welch``.
    """
    if min(one.size, other.size) < FEWEST:
        return None
    size = one.size + other.size
    error = sqrt(one.variance / one.size + other.variance / other.size)
    if error == 0:
        return None
    half = error * _stretch(size, confidence)
    difference = one.mean - other.mean
    return Interval(difference - half, difference + half)


def still_needed(one: Sample, other: Sample, confidence: float = CONFIDENCE) -> int | None:
    """How many customers are still needed, both groups together, until ``at_every_look`` excludes zero, if difference,
    variances and shares of the groups stay as they are.

    0 if it does; None if the groups do not differ, differ so little that a billion customers would not show it, or are
    too small to say it.
    """
    if min(one.size, other.size) < FEWEST:
        return None
    size = one.size + other.size
    difference = abs(one.mean - other.mean)
    spread = one.variance * size / one.size + other.variance * size / other.size
    if difference == 0 or spread == 0:
        return None

    def excludes(total: int) -> bool:
        return sqrt(spread / total) * _stretch(total, confidence) < difference

    found = _first(excludes, size)
    return None if found is None else found - size


def _first(holds: Callable[[int], bool], start: int) -> int | None:
    """The least number from ``start`` on for which ``holds`` is true; once true, it stays true."""
    high = start
    while not holds(high):
        if high > _MOST:
            return None
        high *= 2
    low = start if high == start else high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _stretch(size: int, confidence: float) -> float:
    """By how many standard errors the interval that holds at every look reaches out."""
    alpha = 1 - confidence
    tuned = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / TUNED_FOR
    grown = size * tuned + 1
    return sqrt(2 * grown / (size * tuned) * log(sqrt(grown) / alpha))


def _rate(group: Sample) -> float:
    return group.mean if group.size else 0.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """Customers who were alike before: those of interest, and those they are compared with."""

    one: Sample
    other: Sample


def matched(strata: list[Stratum], confidence: float = CONFIDENCE) -> tuple[float, float, Interval] | None:
    """Means of two groups, the second weighted as the first is spread over strata, and the interval of the difference.

    Strata in which a group has fewer than two customers are left out, and with them their customers. None if fewer than
    ten customers of a group are left.

    Returns
    -------
    The mean of the first group, the weighted mean of the second, the interval of first minus second.
    """
    usable = [one for one in strata if min(one.one.size, one.other.size) > 1]
    whole = sum(one.one.size for one in usable)
    if whole < FEWEST or sum(one.other.size for one in usable) < FEWEST:
        return None
    first = second = variance = 0.0
    for stratum in usable:
        weight = stratum.one.size / whole
        first += weight * stratum.one.mean
        second += weight * stratum.other.mean
        spread = stratum.one.variance / stratum.one.size + stratum.other.variance / stratum.other.size
        variance += weight * weight * spread
    half = z(confidence) * sqrt(variance)
    return first, second, Interval(first - second - half, first - second + half) if half < inf else Interval(-inf, inf)
