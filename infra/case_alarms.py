"""Alarms on requests of people that have no answer yet."""

from collections.abc import Sequence

from infra.alarm_specs import AN_HOUR, AlarmSpec
from infra.metrics import Metrics

_NAME = "segment-audit"


def case_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """A week before a request is due, and again two days before. The law gives thirty days."""
    return tuple(
        AlarmSpec(
            name=f"rights-due-{name}",
            runbook="rights-due",
            means=f"A request of a person (erasure, copy, restriction or objection) must be answered within {within}",
            metric=metrics.counted(counter, _NAME, "Maximum", function=_NAME),
            of=2 * AN_HOUR,
        )
        for name, within, counter in (
            ("week", "a week", "CasesDueWithinWeek"),
            ("two-days", "two days", "CasesDueWithinTwoDays"),
        )
    )
