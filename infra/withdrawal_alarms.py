"""The alarms of withdrawals of consent that come with public keys."""

from collections.abc import Sequence

from aws_cdk import Duration

from infra.alarm_specs import AlarmSpec
from infra.metrics import PERIOD, Metrics

WITHIN = {"five-minutes": (PERIOD, 50, "five minutes"), "an-hour": (Duration.hours(1), 200, "an hour")}
"""Most withdrawals within a time. People refuse by the links of mails and by replies, which do not count here: what a
shop's own pages send is a few an hour."""


def withdrawal_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """A flood within minutes, and a slow one that stays below that."""
    counted = metrics.counted("consents_withdrawn_public", "ingest-api", "Sum", function="ingest-api")
    return tuple(
        AlarmSpec(
            name=f"withdrawals-in-{name}",
            runbook="withdrawals",
            means=f"More than {most} consents were withdrawn with public keys within {said}",
            metric=counted.with_(period=period),
            above=most,
        )
        for name, (period, most, said) in WITHIN.items()
    )
