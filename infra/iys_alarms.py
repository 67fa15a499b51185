"""Alarms on the exchange with Turkey's register of consent."""

from collections.abc import Sequence

from infra.alarm_specs import AN_HOUR, AlarmSpec
from infra.metrics import Metrics

_NAME = "iys-on-due"


def iys_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """What is near its time, what was refused, and a register that does not answer."""
    return (
        AlarmSpec(
            name="iys-near-deadline",
            runbook="iys",
            means="IYS does not know of a consent or withdrawal of two business days ago; it must within three",
            metric=metrics.counted("iys_near_deadline", _NAME, "Maximum", function=_NAME),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-refused",
            runbook="iys",
            means="IYS refused a consent or a withdrawal",
            metric=metrics.counted("iys_refused", _NAME, "Sum", function=_NAME),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-unread",
            runbook="iys",
            means="For more than two hours nobody has read what people changed at IYS",
            metric=metrics.counted("iys_minutes_unread", _NAME, "Maximum", function=_NAME),
            above=120,
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-unreadable",
            runbook="iys",
            means="IYS told a change that cannot be read; a refusal in it counts, the rest does not",
            metric=metrics.counted("iys_unreadable", _NAME, "Sum", function=_NAME),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-gap",
            runbook="iys",
            means="Changes at IYS may be missing; IYS is being asked of every approved recipient",
            metric=metrics.counted("iys_gap", _NAME, "Sum", function=_NAME),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-unanswered",
            runbook="iys",
            means="IYS does not say what became of an upload, or what it holds of recipients that it approved",
            metric=metrics.counted("iys_unanswered", _NAME, "Sum", function=_NAME),
            above=20,
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="iys-down",
            runbook="iys",
            means="IYS does not answer, or does not take the user and password",
            metric=metrics.counted("iys_down", _NAME, "Sum", function=_NAME),
            periods=4,
            of=2 * AN_HOUR,
        ),
    )
