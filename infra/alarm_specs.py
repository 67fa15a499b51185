"""Every alarm of a stage: what it watches, when it rings, and where to read what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.metrics import Metrics
from infra.queues import CHANNELS

AN_HOUR = 12
"""Periods: an outage is probed at least once an hour, so its alarm stays for as long as it lasts."""


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One alarm.

    Attributes
    ----------
    name
        Part of the physical name, `kervan-<stage>-<name>`.
    runbook
        The file `docs/runbooks/<runbook>.md`.
    means
        What is wrong when it rings, in one sentence.
    above
        It rings when the metric is above this number.
    periods, of
        In so many of the last `of` periods of the metric (five minutes, if it says nothing else).
    """

    name: str
    runbook: str
    means: str
    metric: cloudwatch.IMetric
    above: float = 0
    periods: int = 1
    of: int = 1


def alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Every alarm of a stage."""
    return (
        AlarmSpec(
            name="ingest-latency",
            runbook="ingest-latency",
            means="One in a hundred requests with events takes more than 3 seconds",
            metric=metrics.of_function("ingest-api", "Duration", "p99"),
            above=3_000,
            periods=3,
            of=3,
        ),
        *(
            AlarmSpec(
                name=f"{reader}-stream-age",
                runbook="stream-age",
                means=f"{reader} is more than five minutes behind the stream of customers",
                metric=metrics.of_function(reader, "IteratorAge", "Maximum"),
                above=300_000,
                periods=2,
                of=3,
            )
            for reader in ("segment-on-events", "schedule-on-customer")
        ),
        *(
            AlarmSpec(
                name=f"{queue}-queue-age",
                runbook="queue-age",
                means=f"The oldest message of the queue {queue} waits for more than {minutes} minutes",
                metric=metrics.of_queue(queue, "ApproximateAgeOfOldestMessage", "Maximum"),
                above=minutes * 60,
                periods=2,
                of=3,
            )
            for queue, minutes in {
                **dict.fromkeys(CHANNELS, 20),
                "segment-work": 60,
                "schedule-work": 15,
                "privacy-work": 60,
                "stock-work": 60,
                "support-work": 5,
                "mail-work": 15,
                "simulation-work": 60,
                "iys-work": 30,
                "audiences-work": 60,
                "feedback-work": 20,
            }.items()
        ),
        *(
            AlarmSpec(
                name=f"{function}-timer-lag",
                runbook="timer-lag",
                means=f"The oldest due timer that {function} found was due more than ten minutes ago",
                metric=metrics.counted("TimerLagSeconds", function, "Maximum", function=function),
                above=600,
                periods=2,
                of=3,
            )
            for function in ("segment-on-due", "schedule-on-due")
        ),
        AlarmSpec(
            name="tick-errors",
            runbook="tick-errors",
            means="A function that runs by the clock fails again and again",
            metric=metrics.of_functions(TICKED, "Errors"),
            above=2,
            periods=2,
            of=3,
        ),
        *(
            AlarmSpec(
                name=f"{channel}-unknown-sends",
                runbook="unknown-sends",
                means=f"Nobody knows whether a message by {channel} went out; it is not sent again",
                metric=metrics.counted("messages_unknown", f"notify-{channel}", "Sum", channel=channel),
            )
            for channel in CHANNELS
        ),
        *(
            AlarmSpec(
                name=f"{channel}-provider-down",
                runbook="provider-down",
                means=f"The provider of {channel} takes no messages; they wait until it works again",
                metric=metrics.counted("provider_opened", f"notify-{channel}", "Sum", channel=channel),
                of=AN_HOUR,
            )
            for channel in CHANNELS
        ),
        AlarmSpec(
            name="email-marketing-stopped",
            runbook="marketing-stopped",
            means="Bounces or complaints came near the limits of SES: marketing e-mail waits until somebody resumes it",
            metric=metrics.counted("marketing_stopped", "ingest-feedback", "Sum", channel="email"),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="campaign-stopped",
            runbook="campaign-stopped",
            means="A campaign stopped by itself: its bounces or complaints passed the limit that it says",
            metric=metrics.counted("campaign_stopped", "ingest-feedback", "Sum", channel="email"),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="webhooks-unproven",
            runbook="webhooks-unproven",
            means="Deliveries to the webhooks of shops are not signed with the secret that is known here",
            metric=metrics.counted("webhook_unproven", "ingest-api", "Sum", function="ingest-api"),
            above=20,
            periods=2,
            of=3,
        ),
        AlarmSpec(
            name="feed-failed",
            runbook="feed-failed",
            means="A feed of products could not be pulled three times within an hour: prices and stock in messages age",
            metric=metrics.counted("FeedFailed", "stock-on-feed", "Sum", function="stock-on-feed"),
            periods=3,
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="audit-mismatches",
            runbook="audit-mismatches",
            means="Stored memberships differ from what the events say",
            metric=metrics.counted("AuditMismatches", "segment-audit", "Maximum", function="segment-audit"),
            of=AN_HOUR,
        ),
        *(
            AlarmSpec(
                name=f"table-{kind.lower()}-throttles" + (f"-{place}" if place > 1 else ""),
                runbook="throttles",
                means=f"DynamoDB refuses to {kind.lower()}, because too many requests come at once",
                metric=metrics.table_throttles(kind, names),
                above=10,
                periods=2,
                of=3,
            )
            for kind in ("Read", "Write")
            for place, names in enumerate(batched(metrics.table_names[:MOST_METRICS], MOST_METRICS), start=1)
        ),
        AlarmSpec(
            name="function-throttles",
            runbook="throttles",
            means="Lambda refuses to run functions, because too many run at once",
            metric=metrics.of_functions(THROTTLED, "Throttles"),
            above=10,
            periods=2,
            of=3,
        ),
    )


def lake_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Those of the lake: rows that wait, rows that are lost, a lake that stands still."""
    return (
        AlarmSpec(
            name="lake-lost",
            runbook="lake-lost",
            means="Rows of the lake were taken by nobody; reports lack them until the lake is rebuilt",
            metric=metrics.counted_by(LAKE_COUNTING, "lake_lost"),
            of=AN_HOUR,
        ),
        AlarmSpec(
            name="lake-rows-wait",
            runbook="lake-behind",
            means="Rows of the lake wait for more than an hour, because Firehose does not take them",
            metric=metrics.of_queue("measure-work", "ApproximateAgeOfOldestMessage", "Maximum"),
            above=3_600,
            periods=2,
            of=3,
        ),
        AlarmSpec(
            name="lake-outcomes-stream-age",
            runbook="lake-behind",
            means="The lake hears of messages more than an hour late",
            metric=metrics.of_function("measure-on-message", "IteratorAge", "Maximum"),
            above=3_600_000,
            periods=2,
            of=3,
        ),
        AlarmSpec(
            name="lake-delivery",
            runbook="lake-behind",
            means="Firehose keeps rows for more than half an hour before it writes them to the bucket",
            metric=metrics.of_delivery("DeliveryToS3.DataFreshness", "Maximum"),
            above=1_800,
            periods=2,
            of=3,
        ),
        AlarmSpec(
            name="lake-compaction",
            runbook="lake-behind",
            means="The hourly compaction of the lake failed three times in four hours",
            metric=metrics.of_function("measure-compact", "Errors", "Sum"),
            periods=3,
            of=4 * AN_HOUR,
        ),
        AlarmSpec(
            name="lake-predictions",
            runbook="lake-monthly-and-weekly",
            means="The weekly predictions failed: customers keep those of last week",
            metric=metrics.of_function("measure-predict", "Errors", "Sum"),
        ),
        AlarmSpec(
            name="lake-digest",
            runbook="lake-monthly-and-weekly",
            means="The monthly digest was not mailed, or nobody knows whether it was",
            metric=metrics.of_function("measure-digest", "Errors", "Sum"),
        ),
    )


def backup_alarm_specs(metrics: Metrics, *, vault: str) -> Sequence[AlarmSpec]:
    """A backup or its copy that was not made."""
    return tuple(
        AlarmSpec(
            name=f"{kind}-failed",
            runbook="backup-failed",
            means=f"A {kind} of the tables was not made",
            metric=metrics.of_backups(vault, f"NumberOf{kind.capitalize()}JobsFailed"),
        )
        for kind in ("backup", "copy")
    )


def rollout_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Functions that fail while a deployment shifts to new versions: it goes back by itself."""
    names = metrics.function_names()
    return tuple(
        AlarmSpec(
            name=f"rollout-errors-{place}",
            runbook="rollout",
            means=f"Functions fail, more than {ERRORS_A_MINUTE} times a minute; a deployment that runs is taken back",
            metric=metrics.of_functions(some, "Errors", MINUTE),
            above=ERRORS_A_MINUTE,
            periods=2,
            of=3,
        )
        for place, some in enumerate(batched(names, MOST_METRICS), start=1)
    )


def batched(names: Sequence[str], size: int) -> list[Sequence[str]]:
    """In parts of at most ``size``, in order."""
    return [names[start : start + size] for start in range(0, len(names), size)]


MINUTE = Duration.minutes(1)
MOST_METRICS = 10
"""That one alarm takes."""
ERRORS_A_MINUTE = 5
"""Of up to ten functions together. A function fails now and then by itself, for example by a throttle, and is called
again; a version that is broken fails at every call."""
LAKE_COUNTING = (
    "segment-on-events", "segment-on-due", "segment-on-queue", "schedule-on-customer", "measure-on-message",
)  # fmt: skip
"""Functions that count rows that are lost."""
TICKED = (
    "segment-on-due",
    "schedule-on-due",
    "segment-audit",
    "stock-on-due",
    "support-on-due",
    "stock-audit",
    "stock-on-feed",
    "iys-on-due",
)
"""Functions that run by the clock."""
THROTTLED = (
    "ingest-api", "admin", "segment-on-events", "segment-on-due", "schedule-on-customer", "schedule-on-due",
    "notify-email", "notify-sms", "notify-push",
)  # fmt: skip
"""Functions whose throttles count. Those behind queues are throttled on purpose."""
