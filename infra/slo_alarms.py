"""Alarms on service level objectives: they ring when the budget of errors of 30 days is used up too fast.

Each looks at two windows at once, the multiwindow burn rates of Google's "The Site Reliability Workbook", chapter 5.
The long one says that enough of the budget is gone to wake somebody. The short one says that it still goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration

from infra.alarm_specs import MINUTE, AlarmSpec
from infra.metrics import Metrics

INGEST_OBJECTIVE = 99.9
"""Percent of requests that are not answered with 5xx."""
WORK_OBJECTIVE = 99.0
"""Percent of minutes in which no work is older than promised. A minute is the finest that CloudWatch counts here, and
of 99.9 percent one minute in an hour would already be too much."""
LEAST_ERRORS = 10
"""In the long window: fewer failed requests wake nobody, whatever share of a quiet night they are."""


@dataclass(frozen=True, kw_only=True)
class Burn:
    """How fast the budget is used: at rate 1 it is gone after exactly 30 days. Windows are in minutes."""

    name: str
    rate: float
    long: int
    short: int

    def above(self, objective: float) -> float:
        """The percentage of what is bad at which the budget of ``objective`` burns at this rate."""
        return round(self.rate * (100 - objective), 6)


BURNS = (
    Burn(name="fast", rate=14.4, long=60, short=5),  # 2 percent of the budget in an hour
    Burn(name="slow", rate=6, long=360, short=30),  # 5 percent in six hours
)


@dataclass(frozen=True, kw_only=True)
class BurnAlarmSpec:
    """One alarm on two windows: it rings while both are above their limit. The windows alone tell nobody."""

    name: str
    runbook: str
    means: str
    windows: tuple[AlarmSpec, AlarmSpec]


def slo_alarm_specs(metrics: Metrics) -> Sequence[BurnAlarmSpec]:
    """Two for each objective."""
    return (*(_ingest(metrics, burn) for burn in BURNS), *(_work(metrics, burn) for burn in BURNS))


def _ingest(metrics: Metrics, burn: Burn) -> BurnAlarmSpec:
    name, limit = f"ingest-errors-{burn.name}", burn.above(INGEST_OBJECTIVE)

    def window(minutes: int, least: int) -> AlarmSpec:
        return AlarmSpec(
            name=f"{name}-{minutes}m",
            runbook="ingest-errors",
            means=f"More than {limit:g} percent of the requests of {minutes} minutes were answered with 5xx",
            metric=metrics.api_errors_percent(least, Duration.minutes(minutes)),
            above=limit,
        )

    return BurnAlarmSpec(
        name=name,
        runbook="ingest-errors",
        means=f"Requests are answered with 5xx, {burn.rate:g} times as often as {INGEST_OBJECTIVE} percent allows",
        windows=(window(burn.long, LEAST_ERRORS), window(burn.short, 1)),
    )


def _work(metrics: Metrics, burn: Burn) -> BurnAlarmSpec:
    name = f"work-age-{burn.name}"

    def window(minutes: int) -> AlarmSpec:
        late = int(burn.above(WORK_OBJECTIVE) * minutes / 100) + 1
        return AlarmSpec(
            name=f"{name}-{minutes}m",
            runbook="work-age",
            means=f"In {late} of {minutes} minutes work was older than promised",
            metric=metrics.age_of_work(MINUTE),
            above=1,
            periods=late,
            of=minutes,
        )

    return BurnAlarmSpec(
        name=name,
        runbook="work-age",
        means=f"Work is older than promised, {burn.rate:g} times as often as {WORK_OBJECTIVE:g} percent allows",
        windows=(window(burn.long), window(burn.short)),
    )
