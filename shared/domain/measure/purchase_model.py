"""When customers buy again: the BG/NBD model of P. S. Fader, B. G. S. Hardie and K. L. Lee ("Counting Your Customers"
the Easy Way, Marketing Science 24, 2005).

While a customer is active he orders at a constant rate of his own, and after each order he is lost with a chance of his
own. Both differ between customers (gamma and beta), and four numbers say how. Nothing is random here; no library is
needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p

from shared.domain.measure.simplex import least

FEWEST_CUSTOMERS = 50
"""Below so many customers who ordered again nothing is fitted."""


@dataclass(frozen=True, slots=True)
class History:
    """A customer's orders up to a day: ``repeats`` days with an order after the first one; ``recency`` from the first
    order to the last, ``age`` from the first order to that day, both in days."""

    repeats: int
    recency: float
    age: float


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """The four numbers, with time in days: rates are gamma (``r``, ``alpha``), chances of being lost beta (``a``,
    ``b``)."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, one: History) -> float:
        """The probability that he is not lost (equation 11 of their note of 2008); 1 for who ordered once."""
        if one.repeats == 0:
            return 1.0
        odds = (
            log(self.a / (self.b + one.repeats - 1))
            + (self.r + one.repeats) * log((self.alpha + one.age) / (self.alpha + one.recency))
        )  # fmt: skip
        return 1 / (1 + exp(odds)) if odds < 700 else 0.0

    def orders_again(self, one: History, days: float) -> float:
        """The probability of an order within so many days. Exact: nobody is lost before his next order."""
        waits = exp(-(self.r + one.repeats) * log1p(days / (self.alpha + one.age)))
        return self.alive(one) * (1 - waits)

    def usual_wait(self, one: History) -> float:
        """Days until the next order: by then it has come for half of those like him who are not lost."""
        return (self.alpha + one.age) * (exp(log(2) / (self.r + one.repeats)) - 1)

    def expected_orders(self, one: History, days: float) -> float:
        """The mean number of days with an order within so many days (their equation 10)."""
        r, alpha, a, b, x = self.r, self.alpha, self.a, self.b, one.repeats
        z = days / (alpha + one.age + days)
        shape = log1p(-z) * (r + x)
        inner = 1 - exp(shape) * hypergeometric(r + x, b + x, a + b + x - 1, z)
        less = a - 1 or 1e-9  # the limit at 1 is finite
        return self.alive(one) * max(0.0, (a + b + x - 1) / less * inner)


def hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """Gauss's series 2F1(a, b; c; z) for ``z`` from 0 to below 1; near 1 by Euler's transformation, whose sum is
    smaller."""
    if z > 0.9 and c < a + b:
        return float((1 - z) ** (c - a - b)) * _series(c - a, c - b, c, z)
    return _series(a, b, c, z)


def _series(a: float, b: float, c: float, z: float) -> float:
    term = total = 1.0
    for n in range(100_000):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if abs(term) < 1e-12 * abs(total):
            break
    return total


Row = tuple[int, float, float, int]
"""Repeats, recency and age of a history, and how many customers have it."""


def log_likelihood(model: PurchaseModel, histories: Iterable[tuple[History, int]]) -> float:
    """Of histories, each with how many customers have it (their equation 6)."""
    return _likelihood(model, [(one.repeats, one.recency, one.age, count) for one, count in histories])


def _likelihood(model: PurchaseModel, rows: Sequence[Row]) -> float:
    """What repeats alone decide is computed once for each number of them, of which there are few."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    constant = lgamma(a + b) - lgamma(b)
    decided: dict[int, tuple[float, float, float]] = {}
    total = 0.0
    for x, recency, age, count in rows:
        if x not in decided:
            first = lgamma(r + x) - lgamma(r) + r * log(alpha)
            second = constant + lgamma(b + x) - lgamma(a + b + x)
            decided[x] = first + second, -(r + x), log(a / (b + x - 1)) if x else 0.0
        both, power, lost = decided[x]
        stays = power * log(alpha + age)
        if x == 0:
            total += count * (both + stays)
            continue
        lost += power * log(alpha + recency)
        larger, smaller = (stays, lost) if stays > lost else (lost, stays)
        total += count * (both + larger + log(1.0 + exp(smaller - larger)))
    return total


def fit(histories: Sequence[History]) -> PurchaseModel | None:
    """The model under which these histories are likeliest; None for fewer than 50 customers who ordered again."""
    if sum(one.repeats > 0 for one in histories) < FEWEST_CUSTOMERS:
        return None
    rows = [(one.repeats, one.recency, one.age, count) for one, count in Counter(histories).items()]
    scale = max(1.0, sum(age * count for _, _, age, count in rows) / len(histories) / 10)

    def loss(point: Sequence[float]) -> float:
        if any(abs(one) > 12 for one in point):
            return inf
        r, alpha, a, b = (exp(one) for one in point)
        return -_likelihood(PurchaseModel(r, alpha * scale, a, b), rows)

    r, alpha, a, b = (exp(one) for one in least(loss, [0.0, 0.0, 0.0, 0.0]))
    return PurchaseModel(r, alpha * scale, a, b)
