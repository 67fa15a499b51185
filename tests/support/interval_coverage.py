"""How often each interval of reports holds the truth, by simulation: ``python -m tests.support.interval_coverage``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from shared.domain.measure.changes import Figure
from shared.domain.measure.intervals import (
    Interval,
    Sample,
    Stratum,
    at_every_look,
    matched,
    newcombe,
    rate_of,
    welch,
    wilson,
    z,
)

Value = Callable[[Random], float]
FULL = 2_000


@dataclass(frozen=True)
class Scenario:
    """Groups that are drawn anew in each run, and the difference that is true of them."""

    what: str
    interval: Callable[[Random], Interval | None]
    truth: float
    at_least: bool = False
    """Whether the interval is wider than 95% on purpose: it must hold at every look."""


def group(random: Random, size: int, value: Value) -> Sample:
    values = [value(random) for _ in range(size)]
    return Sample(size, sum(values), sum(one * one for one in values))


def bought(rate: float) -> Value:
    return lambda random: float(random.random() < rate)


def spend(rate: float, mean: float) -> Value:
    """Most spend nothing, some a skewed amount."""
    return lambda random: random.lognormvariate(math.log(mean), 0.7) if random.random() < rate else 0.0


def covered(runs: int, scenario: Scenario) -> float:
    """The share of runs in which the interval holds the truth."""
    random = Random(14)
    found = [scenario.interval(random) for _ in range(runs)]
    assert all(one is not None for one in found)
    return sum(one is not None and one.low <= scenario.truth <= one.high for one in found) / runs


def _rate(size: int, rate: float) -> Callable[[Random], Interval]:
    return lambda random: wilson(sum(random.random() < rate for _ in range(size)), size)


def _rates(one: tuple[int, float], other: tuple[int, float]) -> Callable[[Random], Interval]:
    return lambda random: newcombe(group(random, one[0], bought(one[1])), group(random, other[0], bought(other[1])))


def _revenue(one: tuple[int, float], other: tuple[int, float]) -> Callable[[Random], Interval | None]:
    return lambda random: welch(
        group(random, one[0], spend(one[1], 500)), group(random, other[0], spend(other[1], 500))
    )


def _matched(value: Callable[[float], Value], rise: float) -> Callable[[Random], Interval | None]:
    """Two strata, in which the groups are mixed differently."""

    def run(random: Random) -> Interval | None:
        strata = [
            Stratum(group(random, size, value(rate + rise)), group(random, other, value(rate)))
            for size, other, rate in ((200, 80, 0.3), (60, 200, 0.1))
        ]
        found = matched(strata)
        return found and found[2]

    return run


def _looked_at_daily(random: Random) -> Interval | None:
    """The intersection of thirty looks: it holds the truth if every one of them did."""
    sizes, hits, low, high = [0, 0], [0, 0], -1.0, 1.0
    for _ in range(30):
        for arm in (0, 1):
            sizes[arm] += 25
            hits[arm] += sum(random.random() < 0.2 for _ in range(25))
        interval = at_every_look(rate_of(hits[0], sizes[0]), rate_of(hits[1], sizes[1]))
        assert interval is not None
        low, high = max(low, interval.low), min(high, interval.high)
    return Interval(low, high)


def rate_of_messages(random: Random, customers: int, rise: float = 0.0) -> Figure:
    """Customers get some messages in each of two periods and like them more or less, the same in both."""
    people = []
    for _ in range(customers):
        likes = random.betavariate(0.6, 2.4)
        sent = [random.choice((0, 1, 2, 4, 8)) for _ in range(2)]
        hits = [
            sum(random.random() < likes * (1 + more) for _ in range(size))
            for size, more in zip(sent, (rise, 0.0), strict=True)
        ]
        people.append((sent[0], hits[0], sent[1], hits[1]))
    return figure_of(people)


def figure_of(people: list[tuple[int, int, int, int]]) -> Figure:
    """Of each customer n1, h1, n0, h0."""
    n1, h1, n0, h0 = ([one[place] for one in people] for place in range(4))

    def product(one: list[int], other: list[int]) -> int:
        return sum(a * b for a, b in zip(one, other, strict=True))

    return Figure(
        min(sum(n > 0 for n in n1), sum(n > 0 for n in n0)), sum(n1), sum(h1), sum(n0), sum(h0),
        product(h1, h1), product(h1, n1), product(n1, n1), product(h0, h0), product(h0, n0), product(n0, n0),
        product(h1, h0), product(h1, n0), product(n1, h0), product(n1, n0),
    )  # fmt: skip


def _changed(random: Random) -> Interval:
    one = rate_of_messages(random, 200)
    return Interval(one.now - one.before - z() * one.error, one.now - one.before + z() * one.error)


_MEAN = 500 * math.exp(0.7 * 0.7 / 2)
SCENARIOS: Mapping[str, Scenario] = {
    "wilson": Scenario("a rate of 5% of 300 customers", _rate(300, 0.05), 0.05),
    "newcombe": Scenario("rates of 7% and 4%, 400 and 150 customers", _rates((400, 0.07), (150, 0.04)), 0.03),
    "newcombe, few": Scenario("rates of 20% and 10%, 60 customers each", _rates((60, 0.2), (60, 0.1)), 0.1),
    "welch": Scenario("revenue, mostly zero, 300 and 200 customers", _revenue((300, 0.2), (200, 0.1)), 0.1 * _MEAN),
    "matched, rates": Scenario("a rise of 5 points in two strata", _matched(bought, 0.05), 0.05),
    "matched, revenue": Scenario(
        "the same in revenue", _matched(lambda rate: spend(rate, 500), 0.05), 0.05 * _MEAN
    ),
    "at every look": Scenario("two equal groups, all of thirty looks", _looked_at_daily, 0.0, at_least=True),
    "of the digest": Scenario("a click rate in two periods, 200 customers with several messages", _changed, 0.0),
}  # fmt: skip


def table(runs: int = FULL) -> str:
    """Markdown, as docs/reports.md shows it."""
    rows = [
        f"| {name} | {one.what} | {'at least ' if one.at_least else ''}95% | {100 * covered(runs, one):.1f}% |"
        for name, one in SCENARIOS.items()
    ]
    return "\n".join(("| interval | of | level | held the truth |", "|---|---|---:|---:|", *rows))


if __name__ == "__main__":
    print(table())
