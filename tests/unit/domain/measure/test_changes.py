"""Which of many figures changed: nothing in a shop without change, and what did change in one with."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest

from shared.domain.measure.advice import advice_key, advice_text, all_advice
from shared.domain.measure.changes import Figure, changed
from tests.support.cases import LONG, UNIT
from tests.support.interval_coverage import figure_of, rate_of_messages

pytestmark = UNIT
RUNS = 2_000 if LONG else 80
People = list[tuple[int, int, int, int]]
"""Of each customer n1, h1, n0, h0."""


def shares_of_orders(random: Random, customers: int) -> list[Figure]:
    """Three channels whose shares make one: what one wins another loses."""
    taken: list[list[tuple[int, int, int, int]]] = [[], [], []]
    for _ in range(customers):
        usual = random.choice((0, 0, 1, 2))
        orders = [
            [usual if random.random() < 0.7 else random.randrange(3) for _ in range(random.choice((0, 1, 1, 2, 3)))]
            for _ in range(2)
        ]
        for channel, people in enumerate(taken):
            people.append((len(orders[1]), orders[1].count(channel), len(orders[0]), orders[0].count(channel)))
    return [figure_of(people) for people in taken]


def members(random: Random, customers: int) -> Figure:
    """A segment that as many leave as join."""
    people = []
    for _ in range(customers):
        was = random.random() < 0.3
        stays = random.random() < 0.9
        now = was if stays else random.random() < 0.3
        people.append((1, int(now), 1, int(was)))
    return figure_of(people)


def quiet_shop(random: Random) -> list[Figure]:
    """Some thirty figures in which nothing changed."""
    size = random.choice((150, 250))
    figures = [rate_of_messages(random, size) for _ in range(8)]
    for _ in range(3):
        figures += shares_of_orders(random, size)
    return figures + [members(random, size) for _ in range(6)]


def test_a_shop_without_change_is_told_nothing_at_the_promised_rate() -> None:
    """At most 5 of 100 digests tell something, within what so many runs can tell (three standard errors)."""
    random = Random(29)
    spoke = sum(bool(changed(quiet_shop(random))[1]) for _ in range(RUNS))
    assert spoke / RUNS <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / RUNS)


def test_without_the_correction_a_quiet_shop_would_hear_of_changes_often() -> None:
    """Most of the digests would tell something if each figure were judged alone."""
    random = Random(30)
    spoke = sum(any(one.chance < 0.05 for one in quiet_shop(random)) for _ in range(RUNS // 4))
    assert spoke / (RUNS // 4) > 0.4


def test_what_changed_is_told_and_little_else() -> None:
    """Six figures of twenty rose by a half: most are found, and of those told at most a few did not change."""
    random, true, false, missed, covered = Random(31), 0, 0, 0, 0
    runs = 200 if LONG else 20
    for _ in range(runs):
        figures = [rate_of_messages(random, 300, 0.5) for _ in range(6)] + [
            rate_of_messages(random, 300) for _ in range(14)
        ]
        compared, told = changed(figures)
        assert compared == 20
        true += sum(one.place < 6 for one in told)
        false += sum(one.place >= 6 for one in told)
        missed += 6 - sum(one.place < 6 for one in told)
        covered += sum(one.low > 0 or one.high < 0 for one in told)
    assert true > 5 * runs
    assert false / (true + false) < 0.06
    assert covered == true + false  # an interval that is told excludes zero


def test_a_customer_with_many_messages_is_one_customer() -> None:
    """Messages of one customer are alike: counted alone they would seem to be certain."""
    alike = [(40, 40, 0, 0)] * 16 + [(40, 0, 0, 0)] * 24 + [(0, 0, 40, 40)] * 12 + [(0, 0, 40, 0)] * 28
    assert figure_of(alike).chance > 0.2
    alone = [(1, 1, 0, 0)] * 640 + [(1, 0, 0, 0)] * 960 + [(0, 0, 1, 1)] * 480 + [(0, 0, 1, 0)] * 1120
    assert figure_of(alone).chance < 1e-6


def test_errors_are_those_of_a_simulation() -> None:
    """The standard error equals how far differences spread over many shops."""
    random = Random(32)
    shops = [rate_of_messages(random, 200) for _ in range(400)]
    differences = [one.now - one.before for one in shops]
    spread = math.sqrt(sum(one * one for one in differences) / len(differences))
    assert sum(one.error for one in shops) / len(shops) == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize(
    "people",
    [
        [(1, 1, 1, 0)] * 29,  # too few customers
        [(1, 0, 1, 0)] * 500 + [(1, 1, 1, 0)] * 9,  # too few hits
        [(1, 1, 1, 1)] * 500 + [(1, 0, 1, 1)] * 9,  # too few of the others
    ],
)
def test_few_customers_are_not_compared(people: People) -> None:
    """Nothing is said of them."""
    assert changed([figure_of(people)]) == (0, [])


def test_figures_that_are_the_same_for_everybody_do_not_change() -> None:
    """No error, no difference, no division by zero."""
    assert changed([figure_of([(2, 1, 2, 1)] * 100)]) == (1, [])
    assert changed([]) == (0, [])


def test_every_rule_of_what_to_try_is_documented() -> None:
    """In English, word by word; and Turkish says something else."""
    document = (Path(__file__).parents[4] / "docs" / "digest.md").read_text("utf-8")
    for (figure, way), (turkish, english) in all_advice().items():
        assert f"| `{figure}` | {way} | {english} |" in document
        assert turkish != english
        assert advice_text(advice_key(figure, 1.0 if way == "rose" else -1.0), "tr") == turkish
