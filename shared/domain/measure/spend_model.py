"""What an order is worth: the gamma-gamma model of P. S. Fader and B. G. S. Hardie (note of 2013).

A customer's orders spread around a mean of his own; these means differ between customers. His next order is expected
between his own mean and that of all, nearer to his own the more he ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log

from shared.domain.measure.purchase_model import FEWEST_CUSTOMERS
from shared.domain.measure.simplex import least


@dataclass(frozen=True, slots=True)
class Spent:
    """``orders`` with a mean value of ``mean``, above 0."""

    orders: int
    mean: float


@dataclass(frozen=True, slots=True)
class SpendModel:
    """``p``: how little a customer's orders spread; ``q`` and ``gamma``: how the means of customers spread."""

    p: float
    q: float
    gamma: float

    def next_order(self, one: Spent | None) -> float:
        """The expected value of his next order (their equation 5); None is somebody of whom nothing is known."""
        whole = self.p * self.gamma / (self.q - 1) if self.q > 1 else None
        if one is None:
            return whole or 0.0
        seen = self.p * one.orders
        weight = seen / (seen + self.q - 1)
        return weight * one.mean + (1 - weight) * (whole or one.mean)


Row = tuple[int, float, float]
"""Orders, the logarithm of their mean value, and their sum."""


def log_likelihood(model: SpendModel, spent: Sequence[Spent]) -> float:
    """Their equation 1a, of each customer's mean."""
    return _likelihood(model, _rows(spent))


def _rows(spent: Sequence[Spent]) -> list[Row]:
    return [(one.orders, log(one.mean), one.mean * one.orders) for one in spent]


def _likelihood(model: SpendModel, rows: Sequence[Row]) -> float:
    """What the number of orders alone decides is computed once for each of them, of which there are few."""
    p, q, gamma = model.p, model.q, model.gamma
    decided: dict[int, tuple[float, float, float, float]] = {}
    total = 0.0
    for orders, mean, whole in rows:
        if orders not in decided:
            px = p * orders
            first = lgamma(px + q) - lgamma(px) - lgamma(q) + q * log(gamma)
            decided[orders] = first, px - 1, px * log(orders), px + q
        first, power, spread, sums = decided[orders]
        total += first + power * mean + spread - sums * log(gamma + whole)
    return total


def fit(spent: Sequence[Spent]) -> SpendModel | None:
    """The model under which these means are likeliest; None for fewer than 50 customers."""
    if len(spent) < FEWEST_CUSTOMERS:
        return None
    scale, rows = sum(one.mean for one in spent) / len(spent), _rows(spent)

    def loss(point: Sequence[float]) -> float:
        if any(abs(one) > 12 for one in point):
            return inf
        p, q, gamma = (exp(one) for one in point)
        return -_likelihood(SpendModel(p, q, gamma * scale), rows)

    p, q, gamma = (exp(one) for one in least(loss, [1.0, 1.0, 0.0]))
    return SpendModel(p, q, gamma * scale)
