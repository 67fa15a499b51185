"""Intervals against published numbers and against the truth in simulation."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.measure.intervals import (
    Interval,
    Sample,
    Stratum,
    at_every_look,
    matched,
    newcombe,
    rate_of,
    still_needed,
    t_quantile,
    welch,
    wilson,
)
from tests.support.cases import LONG, UNIT
from tests.support.interval_coverage import SCENARIOS, covered

pytestmark = UNIT
RUNS = 2_000 if LONG else 300
groups = st.integers(10, 400).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))


def close(found: Interval | None, low: float, high: float, within: float = 5e-5) -> bool:
    return found is not None and abs(found.low - low) < within and abs(found.high - high) < within


def test_published_intervals_of_rates() -> None:
    """Newcombe's own examples: Statistics in Medicine 17 (1998), 857-872 and 873-890, table II, method 10."""
    assert close(wilson(81, 263), 0.2553, 0.3662)
    assert close(wilson(15, 148), 0.0624, 0.1605)
    assert close(wilson(0, 20), 0.0, 0.1611)
    assert close(newcombe(rate_of(56, 70), rate_of(48, 80)), 0.0524, 0.3339)
    assert close(newcombe(rate_of(9, 10), rate_of(3, 10)), 0.1705, 0.8090)
    assert close(newcombe(rate_of(10, 10), rate_of(0, 20)), 0.6791, 1.0)


def test_published_quantiles_of_t() -> None:
    """97.5 per cent, by the tables of Student's distribution."""
    for freedom, value in ((9, 2.262), (12, 2.179), (20, 2.086), (30, 2.042), (120, 1.980)):
        assert abs(t_quantile(0.975, freedom) - value) < 1e-3
    assert abs(t_quantile(0.975, 1e9) - NormalDist().inv_cdf(0.975)) < 1e-6


@given(groups, groups)
def test_a_difference_turned_round_turns_its_interval(one: tuple[int, int], other: tuple[int, int]) -> None:
    """And the interval holds the difference that was seen, within what a rate can be."""
    first, second = rate_of(*one), rate_of(*other)
    there, back = newcombe(first, second), newcombe(second, first)
    assert math.isclose(there.low, -back.high, abs_tol=1e-9)
    assert -1 - 1e-9 <= there.low <= first.mean - second.mean + 1e-9
    assert first.mean - second.mean - 1e-9 <= there.high <= 1 + 1e-9


@pytest.mark.parametrize("name", SCENARIOS)
def test_intervals_cover_the_truth_at_their_level(name: str) -> None:
    """95 of 100, within what so many runs can tell (four standard errors) and what their formulas neglect."""
    scenario = SCENARIOS[name]
    slack = 4 * math.sqrt(0.95 * 0.05 / RUNS) + 0.015
    share = covered(RUNS, scenario)
    assert share > 0.95 - slack
    assert scenario.at_least or share < 0.95 + slack


def test_looking_every_day_errs_in_at_most_five_of_a_hundred() -> None:
    """Two equal groups, looked at after each 50 customers: the interval of a single look errs far more often."""
    random, wrong_always, wrong_once = Random(7), 0, 0
    for _ in range(RUNS):
        sizes, hits, always, once = [0, 0], [0, 0], False, False
        for _ in range(30):
            for arm in (0, 1):
                sizes[arm] += 25
                hits[arm] += sum(random.random() < 0.2 for _ in range(25))
            one, other = rate_of(hits[0], sizes[0]), rate_of(hits[1], sizes[1])
            interval, single = at_every_look(one, other), newcombe(one, other)
            always |= interval is not None and not interval.low <= 0 <= interval.high
            once |= not single.low <= 0 <= single.high
        wrong_always += always
        wrong_once += once
    assert wrong_always / RUNS <= 0.05
    assert wrong_once / RUNS > 0.15


@given(groups, groups)
def test_what_is_still_needed_is_enough_and_not_too_much(one: tuple[int, int], other: tuple[int, int]) -> None:
    """With so many more customers of the same kind the interval excludes zero; with one less it does not."""
    first, second = rate_of(*one), rate_of(*other)
    needed, interval = still_needed(first, second), at_every_look(first, second)
    if needed is None:
        assert abs(first.mean - second.mean) < 1e-3 or interval is None
        return
    size = first.size + second.size
    assert excludes_zero(first, second, (size + needed + 1) / size)
    assert needed < 3 or not excludes_zero(first, second, (size + needed - 2) / size)


def excludes_zero(one: Sample, other: Sample, times: float) -> bool:
    """Whether groups so many times as large, with the same means and variances, are told apart."""
    grown = []
    for sample in (one, other):
        size = sample.size * times
        squares = sample.variance * (size - 1) + size * sample.mean**2
        grown.append(Sample(size, sample.mean * size, squares))  # type: ignore[arg-type]
    interval = at_every_look(grown[0], grown[1])
    assert interval is not None
    return not interval.low <= 0 <= interval.high


def test_groups_that_are_too_small_say_nothing() -> None:
    """Nine customers have no interval of a mean, and equal ones none either."""
    assert welch(Sample(9, 90.0, 900.0), rate_of(5, 20)) is None
    assert welch(rate_of(20, 20), rate_of(20, 20)) is None
    assert at_every_look(rate_of(0, 9), rate_of(9, 20)) is None
    assert still_needed(rate_of(5, 20), rate_of(5, 20)) is None
    assert matched([Stratum(rate_of(1, 1), rate_of(0, 1))] * 30) is None


def test_matching_takes_away_what_strata_explain() -> None:
    """In each stratum both groups are alike; the mix of strata alone makes them seem different."""
    strata = [Stratum(rate_of(90, 300), rate_of(30, 100)), Stratum(rate_of(5, 100), rate_of(15, 300))]
    found = matched(strata)
    assert found is not None
    mean, other, interval = found
    assert math.isclose(mean, 95 / 400)
    assert math.isclose(other, mean)
    assert math.isclose(interval.low, -interval.high)
    assert rate_of(95, 400).mean - rate_of(45, 400).mean == pytest.approx(0.125)
