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


def log_likelihood(model: SpendModel, spent: Sequence[Spent]) -> float:
    """Their equation 1a, of each customer's mean."""
    p, q, gamma = model.p, model.q, model.gamma
    total = 0.0
    for one in spent:
        px = p * one.orders
        total += (
            lgamma(px + q) - lgamma(px) - lgamma(q) + q * log(gamma) + (px - 1) * log(one.mean)
            + px * log(one.orders) - (px + q) * log(gamma + one.mean * one.orders)
        )  # fmt: skip
    return total


def fit(spent: Sequence[Spent]) -> SpendModel | None:
    """The model under which these means are likeliest; None for fewer than 50 customers."""
    if len(spent) < FEWEST_CUSTOMERS:
        return None
    scale = sum(one.mean for one in spent) / len(spent)

    def loss(point: Sequence[float]) -> float:
        if any(abs(one) > 12 for one in point):
            return inf
        p, q, gamma = (exp(one) for one in point)
        return -log_likelihood(SpendModel(p, q, gamma * scale), spent)

    p, q, gamma = (exp(one) for one in least(loss, [1.0, 1.0, 0.0]))
    return SpendModel(p, q, gamma * scale)
