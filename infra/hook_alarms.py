"""The alarms of the webhooks of stock and of conversations."""

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


def due_hook_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """That of the webhook of conversations: it does not answer."""
    return (
        AlarmSpec(
            name="due-hook-work-queue-age",
            runbook="conversation-webhook",
            means="The webhook of conversations has not taken a warning for an hour",
            metric=metrics.of_queue("due-hook-work", "ApproximateAgeOfOldestMessage", "Maximum"),
            above=3_600,
            periods=2,
            of=3,
        ),
    )
