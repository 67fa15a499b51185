"""The alarms of the webhook of stock."""

from collections.abc import Sequence

from infra.alarm_specs import AlarmSpec
from infra.metrics import Metrics


def hook_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Those of the webhook of stock: it does not answer, or changes wait before it."""
    return (
        AlarmSpec(
            name="hook-work-queue-age",
            runbook="stock-webhook",
            means="The webhook of stock has not taken a change for an hour",
            metric=metrics.of_queue("hook-work", "ApproximateAgeOfOldestMessage", "Maximum"),
            above=3_600,
            periods=2,
            of=3,
        ),
        AlarmSpec(
            name="stock-on-level-stream-age",
            runbook="stock-webhook",
            means="Changed levels wait for more than five minutes before they are queued for the webhook",
            metric=metrics.of_function("stock-on-level", "IteratorAge", "Maximum"),
            above=300_000,
            periods=2,
            of=3,
        ),
    )
