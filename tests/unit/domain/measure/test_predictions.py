"""The purchase and spend models against customers who behave as they say, and the back-test against both kinds."""

from __future__ import annotations

from math import asin, log
from random import Random

import pytest

from shared.domain.measure import purchase_model
from shared.domain.measure.predictions import Known, Past, back_test, calibration, learn
from shared.domain.measure.purchase_model import History, PurchaseModel, hypergeometric
from shared.domain.measure.spend_model import SpendModel, Spent
from tests.support.cases import UNIT

pytestmark = UNIT
TRUE = PurchaseModel(r=0.9, alpha=40.0, a=1.3, b=4.0)


def life(random: Random, model: PurchaseModel, days: float) -> list[float]:
    """Days after the first order on which a customer orders again."""
    rate, lost = random.gammavariate(model.r, 1 / model.alpha), random.betavariate(model.a, model.b)
    times: list[float] = []
    at = 0.0
    while True:
        at += random.expovariate(rate)
        if at > days:
            return times
        times.append(at)
        if random.random() < lost:
            return times


def known(times: list[float], age: float) -> History:
    past = [one for one in times if one <= age]
    return History(len(past), past[-1] if past else 0.0, age)


def test_the_model_is_learnt_from_customers_who_follow_it() -> None:
    """Four numbers from 3,000 customers of different ages; what they predict is what happens."""
    random = Random(3)
    lives = [(life(random, TRUE, 700), random.uniform(200, 600)) for _ in range(3_000)]
    found = purchase_model.fit([known(times, age) for times, age in lives])
    assert found is not None
    assert (found.r, found.alpha) == pytest.approx((TRUE.r, TRUE.alpha), rel=0.2)
    assert found.a / (found.a + found.b) == pytest.approx(TRUE.a / (TRUE.a + TRUE.b), rel=0.2)
    expected = sum(found.orders_again(known(times, age), 90) for times, age in lives)
    happened = sum(any(age < one <= age + 90 for one in times) for times, age in lives)
    assert expected == pytest.approx(happened, rel=0.08)
    counted = sum(found.expected_orders(known(times, age), 90) for times, age in lives)
    assert counted == pytest.approx(sum(sum(age < one <= age + 90 for one in times) for times, age in lives), rel=0.08)


def test_half_of_those_who_are_still_customers_order_by_the_usual_wait() -> None:
    """Of a customer with a rate from the model, whoever is not lost."""
    one = History(3, 100.0, 120.0)
    wait = TRUE.usual_wait(one)
    again = TRUE.orders_again(one, wait) / TRUE.alive(one)
    assert again == pytest.approx(0.5)
    assert TRUE.alive(History(0, 0.0, 900.0)) == 1.0
    assert TRUE.orders_again(one, 0) == 0.0
    assert TRUE.orders_again(one, 1e9) == pytest.approx(TRUE.alive(one), abs=1e-3)


@pytest.mark.parametrize(
    ("numbers", "value"),
    [
        ((1.0, 1.0, 2.0, 0.5), -log(0.5) / 0.5),
        ((1.0, 2.0, 3.0, 0.95), 2 * (-log(0.05) - 0.95) / 0.95**2),
        ((0.5, 0.5, 1.5, 0.25), asin(0.5) / 0.5),
    ],
)
def test_the_series_has_known_values(numbers: tuple[float, float, float, float], value: float) -> None:
    """-ln(1-z)/z at (1,1;2), 2(-ln(1-z)-z)/z^2 at (1,2;3), arcsin(sqrt z)/sqrt z at (1/2,1/2;3/2)."""
    assert hypergeometric(*numbers) == pytest.approx(value, rel=1e-9)


def test_a_next_order_is_worth_something_between_his_mean_and_everybody_s() -> None:
    """The nearer to his own the more he ordered."""
    model = SpendModel(p=6.0, q=4.0, gamma=150.0)
    everybody = model.next_order(None)
    assert everybody == pytest.approx(300.0)
    few, many = model.next_order(Spent(1, 900.0)), model.next_order(Spent(50, 900.0))
    assert everybody < few < many < 900.0


def shop(random: Random, model: PurchaseModel, customers: int, days: int = 500) -> list[Past]:
    """Customers of a shop, as the statement of the report tells them on its last day."""
    made = []
    for _ in range(customers):
        first, mean = random.uniform(-days, 0), random.lognormvariate(5, 0.6)
        orders = [first, *(first + one for one in life(random, model, -first))]
        spent = {one: mean * random.lognormvariate(0, 0.3) for one in orders}

        def as_of(day: float, orders: list[float] = orders, spent: dict[float, float] = spent) -> Known | None:
            past = [one for one in orders if one <= day]
            if not past:
                return None
            repeat = [spent[one] for one in past[1:]]
            history = History(len(past) - 1, past[-1] - past[0], day - past[0])
            return Known(history, sum(repeat) / len(repeat) if repeat else 0.0)

        def between(start: float, end: float, orders: list[float] = orders) -> list[float]:
            return [one for one in orders if start < one <= end]

        now, then, earlier = as_of(0), as_of(-90), as_of(-180)
        if now is None:
            continue
        after, before = between(-90, 0), between(-180, -90)
        told = None
        if earlier is not None and earlier.history.repeats:
            told = (bool(between(-270, -180)), bool(before))
        made.append(
            Past(
                now,
                then,
                after[0] + 90 if after and then else None,
                sum(spent[one] for one in after),
                sum(spent[one] for one in before),
                bool(before),
                told,
            )
        )
    return made


def test_predictions_beat_the_plain_rule_where_customers_differ() -> None:
    """Their errors are smaller, beyond chance; probabilities are what happens."""
    past = shop(Random(5), TRUE, 4_000)
    told = {one.what: one for one in back_test(past)}
    assert told["order_90d"].beats
    assert told["value_365d"].beats
    groups = calibration(past)
    assert len(groups) == 10
    assert all(abs(predicted - happened) < 0.12 for predicted, happened, _ in groups)
    assert groups[0][1] < groups[-1][1]


def test_predictions_stay_off_where_they_are_no_better() -> None:
    """Customers who come and go by the calendar, for whom the plain rule is right and the model is not."""
    random = Random(6)
    past = []
    for n in range(1_000):
        loyal = n % 2 == 0  # the loyal order every 30 days; the others stopped long ago, after quick orders
        age = 400.0 + random.uniform(0, 20)
        then = Known(History(int(age // 30), age - 1, age) if loyal else History(12, 12.0, age), 100.0)
        past.append(Past(then, then, 29.0 if loyal else None, 300.0 * loyal, 300.0 * loyal, loyal, (loyal, loyal)))
    told = {one.what: one for one in back_test(past)}
    assert not told["order_90d"].beats
    assert told["order_90d"].naive_error == 0.0
    assert not told["value_365d"].beats


def test_too_few_customers_predict_nothing() -> None:
    """No model of 49 who ordered again, no test of 49, and none without a period before."""
    few = [Known(History(1, 10.0, 100.0), 50.0)] * 49
    assert learn(few) is None
    past = shop(Random(7), TRUE, 60)
    assert all(one.error is None and not one.beats for one in back_test(past))
    young = [Past(one.now, one.then, one.again) for one in shop(Random(8), TRUE, 1_500)]
    assert all(not one.beats for one in back_test(young))
