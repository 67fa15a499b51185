"""Alarms on lists at advertising platforms."""

from collections.abc import Sequence

from infra.alarm_specs import AN_HOUR, AlarmSpec
from infra.metrics import Metrics

_NAME = "audiences-on-queue"


def audience_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """A platform that takes nothing, and who should have left a list for long."""
    return (
        AlarmSpec(
            name="audiences-failing",
            runbook="audiences",
            means="For three hours an advertising platform has not taken who entered or left",
            metric=metrics.counted("audiences_hours_failing", _NAME, "Maximum", function=_NAME),
            above=2,
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="audiences-late",
            runbook="audiences",
            means="Somebody should have entered or left a list at an advertising platform a day ago",
            metric=metrics.counted("audiences_hours_due", _NAME, "Maximum", function=_NAME),
            above=24,
            of=AN_HOUR,
        ),
    )
