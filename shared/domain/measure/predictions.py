"""What is expected of customers who ordered twice or more, and whether that is better than a plain rule.

A back-test stands 90 days back: it learns from what was known then and predicts what has happened since. The plain rule
gets the same chance. Only what beats it is told (docs/predictions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Literal

from shared.domain.measure import purchase_model, spend_model
from shared.domain.measure.intervals import z
from shared.domain.measure.purchase_model import History, PurchaseModel
from shared.domain.measure.spend_model import SpendModel, Spent

WINDOW_DAYS = 90
YEAR_DAYS = 365
LEARNT_FROM = 5_000
"""Customers who are enough to learn the model's numbers; more of them change the third digit."""
FEWEST_TESTED = 50
What = Literal["order_90d", "next_order", "value_365d"]
WHAT: tuple[What, ...] = ("order_90d", "next_order", "value_365d")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer on a day. ``mean``: what a day with an order after the first one was worth."""

    history: History
    mean: float = 0.0

    @property
    def spent(self) -> Spent | None:
        return Spent(self.history.repeats, self.mean) if self.history.repeats and self.mean > 0 else None


@dataclass(frozen=True, slots=True)
class Past:
    """A customer for the back-test.

    ``then``: what was known 90 days ago; None if he had not ordered. ``again``: days from then to his next order;
    ``value``: what he has spent since. ``value_before``: what he spent in the 90 days before then. ``recent``: whether
    he ordered in these. ``earlier``: of who had ordered twice 180 days ago, whether he had ordered in the 90 days
    before and whether he did in the 90 days after.
    """

    now: Known
    then: Known | None
    again: float | None = None
    value: float = 0.0
    value_before: float = 0.0
    recent: bool = False
    earlier: tuple[bool, bool] | None = None


@dataclass(frozen=True, slots=True)
class Predictor:
    purchases: PurchaseModel
    spend: SpendModel

    def order_probability(self, one: Known, days: float = WINDOW_DAYS) -> float:
        return self.purchases.orders_again(one.history, days)

    def days_to_next_order(self, one: Known) -> float:
        """From the day on which he is known so, never negative."""
        return self.purchases.usual_wait(one.history)

    def value(self, one: Known, days: float = YEAR_DAYS) -> float:
        return self.purchases.expected_orders(one.history, days) * self.spend.next_order(one.spent)


def learn(known: Sequence[Known]) -> Predictor | None:
    """The models of the first 5,000; None if too few of them ordered again. Tables of one report ask for the same:
    it is learnt once."""
    return _learnt(tuple(known[:LEARNT_FROM]))


@lru_cache(maxsize=4)
def _learnt(some: tuple[Known, ...]) -> Predictor | None:
    purchases = purchase_model.fit([one.history for one in some])
    spend = spend_model.fit([one.spent for one in some if one.spent])
    return Predictor(purchases, spend) if purchases and spend else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One prediction against the plain rule: mean errors of both, by how much the rule errs more, with 95%.

    ``beats``: the interval lies above zero, so the prediction is told.
    """

    what: What
    customers: int
    error: float | None
    naive_error: float | None
    low: float | None
    high: float | None

    @property
    def beats(self) -> bool:
        return self.low is not None and self.low > 0


def back_test(past: Sequence[Past]) -> list[Comparison]:
    """The three predictions, of customers who had ordered twice or more 90 days ago.

    Errors: of the probability its squared distance from what happened (Brier); of the date days, of those who ordered;
    of the value its distance, over 90 days.
    """
    predictor = learn([one.then for one in past if one.then])
    tested = [(one, one.then) for one in past if one.then and one.then.history.repeats]
    shares = _naive_shares(past)
    if predictor is None or shares is None or len(tested) < FEWEST_TESTED:
        return [Comparison(what, len(tested), None, None, None, None) for what in WHAT]
    ordered = [(one, then, one.again) for one, then in tested if one.again is not None]
    return [
        _compared("order_90d", [
            (
                (predictor.order_probability(then) - (one.again is not None)) ** 2,
                (shares[one.recent] - (one.again is not None)) ** 2,
            )
            for one, then in tested
        ]),
        _compared("next_order", [
            (abs(predictor.days_to_next_order(then) - again), abs(_usual_gap(then.history) - again))
            for one, then, again in ordered
        ]),
        _compared("value_365d", [
            (abs(predictor.value(then, WINDOW_DAYS) - one.value), abs(one.value_before - one.value))
            for one, then in tested
        ]),
    ]  # fmt: skip


def _naive_shares(past: Iterable[Past]) -> dict[bool, float] | None:
    """The plain rule of the probability: of those who had, and had not, ordered in 90 days, the share who did in the
    next 90, a period earlier."""
    seen: dict[bool, list[bool]] = {True: [], False: []}
    for one in past:
        if one.earlier is not None:
            seen[one.earlier[0]].append(one.earlier[1])
    if not any(seen.values()):
        return None
    whole = seen[True] + seen[False]
    return {recent: sum(some or whole) / len(some or whole) for recent, some in seen.items()}


def _usual_gap(history: History) -> float:
    """The plain rule of the date: as long after the last order as his orders lay apart, today at the earliest."""
    return max(0.0, history.recency + history.recency / history.repeats - history.age)


def _compared(what: What, errors: Sequence[tuple[float, float]]) -> Comparison:
    if len(errors) < FEWEST_TESTED:
        return Comparison(what, len(errors), None, None, None, None)
    size = len(errors)
    error, naive = (sum(pair[place] for pair in errors) / size for place in (0, 1))
    differences = [plain - model for model, plain in errors]
    mean = naive - error
    variance = sum((one - mean) ** 2 for one in differences) / (size - 1)
    half = z() * sqrt(variance / size)
    return Comparison(what, size, error, naive, mean - half, mean + half)


def calibration(past: Sequence[Past], groups: int = 10) -> list[tuple[float, float, int]]:
    """Customers by the predicted probability, in groups of one size: predicted, what happened, how many."""
    predictor = learn([one.then for one in past if one.then])
    if predictor is None:
        return []
    told: list[tuple[float, bool]] = sorted(
        (predictor.order_probability(one.then), one.again is not None)
        for one in past
        if one.then and one.then.history.repeats
    )
    made = []
    for n in range(groups):
        some = told[n * len(told) // groups : (n + 1) * len(told) // groups]
        if some:
            made.append((sum(p for p, _ in some) / len(some), sum(h for _, h in some) / len(some), len(some)))
    return made
