"""Alarms on objectives: their windows and limits, held against a count of the budget minute by minute."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.infra.conftest import Synthesized
from tests.infra.test_alarms import alarms, composites, named, windows

pytestmark = pytest.mark.unit
RATES = {"fast": (Fraction("14.4"), 60, 5), "slow": (Fraction(6), 360, 30)}
"""Of the Site Reliability Workbook, with the windows in minutes."""


@pytest.fixture(scope="module")
def found(prod: Synthesized) -> dict[str, Any]:
    return alarms(prod)


def value(alarm: Any, **sums: float) -> float:
    """What the math of an alarm gives for these values of its metrics. Python reads the same expression."""
    [math] = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]
    known: dict[str, Any] = {
        "IF": lambda when, then, otherwise: then if when else otherwise,
        "MAX": max,
        "FILL": lambda one, _: one,
    }
    return float(eval(math, {"__builtins__": {}}, known | sums))  # noqa: S307 - our own expression


def rings(alarm: Any, **sums: float) -> bool:
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return value(alarm, **sums) > float(alarm["Threshold"])


def periods(alarm: Any) -> set[int]:
    return {one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one}


def test_a_burn_rings_while_both_of_its_windows_are_above(prod: Synthesized) -> None:
    """Four alarms, each on a long and a short window; the windows themselves tell nobody."""
    of_id = prod.nested["AlarmStack"]["Resources"]
    seen = {
        name: [of_id[one]["Properties"]["AlarmName"] for one in named(alarm["AlarmRule"])]
        for name, alarm in composites(prod).items()
    }
    assert seen == {
        f"kervan-prod-{slo}-{burn}": [f"kervan-prod-{slo}-{burn}-{minutes}m" for minutes in both]
        for slo in ("ingest-errors", "work-age")
        for burn, (_, *both) in RATES.items()
    }
    assert all(
        "AlarmActions" not in alarms(prod)[name] and "OKActions" not in alarms(prod)[name] for name in windows(prod)
    )


@pytest.mark.parametrize("burn", RATES)
@given(requests=st.integers(1, 1_000_000), share=st.integers(0, 300))
def test_errors_ring_above_the_rate_and_not_at_night(
    found: dict[str, Any], burn: str, requests: int, share: int
) -> None:
    """The oracle counts the budget of 30 days in fractions; `share` is in 1/10000 of the requests."""
    rate, long, short = RATES[burn]
    errors = requests * share // 10_000
    too_many = Fraction(errors, requests) > rate * Fraction(1, 1000)
    for minutes, least in ((long, 10), (short, 1)):
        alarm = found[f"kervan-prod-ingest-errors-{burn}-{minutes}m"]
        assert periods(alarm) == {minutes * 60}
        assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == 1
        assert rings(alarm, errors=errors, requests=requests) is (too_many and errors >= least)


@pytest.mark.parametrize("burn", RATES)
def test_a_few_requests_of_the_night_wake_nobody(found: dict[str, Any], burn: str) -> None:
    """Two of two requests fail: no. Ten of ten: somebody must look, however small the shop."""
    alarm = found[f"kervan-prod-ingest-errors-{burn}-{RATES[burn][1]}m"]
    assert not rings(alarm, errors=2, requests=2)
    assert not rings(alarm, errors=9, requests=9)
    assert rings(alarm, errors=10, requests=10)


@pytest.mark.parametrize("burn", RATES)
def test_late_minutes_ring_above_the_rate(found: dict[str, Any], burn: str) -> None:
    """The fewest minutes that use the budget of one percent faster than the rate."""
    rate, long, short = RATES[burn]
    for minutes in (long, short):
        alarm = found[f"kervan-prod-work-age-{burn}-{minutes}m"]
        assert periods(alarm) == {60}
        assert alarm["EvaluationPeriods"] == minutes
        late = alarm["DatapointsToAlarm"]
        assert Fraction(late - 1, minutes) <= rate / 100 < Fraction(late, minutes)


@pytest.mark.parametrize(
    ("ages", "late"),
    [
        ((300_000, 300_000, 1_200, 1_200, 1_200, 1_200), False),
        ((300_001, 0, 0, 0, 0, 0), True),
        ((0, 300_001, 0, 0, 0, 0), True),
        ((0, 0, 1_201, 0, 0, 0), True),
        ((0, 0, 0, 1_201, 0, 0), True),
        ((0, 0, 0, 0, 1_201, 0), True),
        ((0, 0, 0, 0, 0, 1_201), True),
    ],
)
def test_work_is_late_when_one_place_is_older_than_promised(
    found: dict[str, Any], ages: Sequence[int], late: bool
) -> None:
    """Five minutes for readers of the stream (in ms), twenty for the channels' queues (in s)."""
    for burn, (_, long, _short) in RATES.items():
        alarm = found[f"kervan-prod-work-age-{burn}-{long}m"]
        names = [one["MetricStat"]["Metric"]["MetricName"] for one in alarm["Metrics"] if "MetricStat" in one]
        assert names == ["IteratorAge"] * 2 + ["ApproximateAgeOfOldestMessage"] * 4
        assert rings(alarm, **{f"age{place}": age for place, age in enumerate(ages)}) is late
