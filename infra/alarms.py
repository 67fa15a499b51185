"""What somebody should hear of: one topic, the alarms on it, and where to read what to do about each."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.metrics import Metrics
from infra.queues import CHANNELS
from infra.settings import Settings

PERIOD = Duration.minutes(5)
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
        In so many of the last `of` periods of five minutes.
    """

    name: str
    runbook: str
    means: str
    metric: cloudwatch.IMetric
    above: float = 0
    periods: int = 1
    of: int = 1


class Alarms(Construct):
    """The topic, its subscribers, the alarms and the limit of spending."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, metrics: Metrics) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.topic = sns.Topic(
            self, "Topic", topic_name=f"{settings.prefix}-alarms", display_name=settings.prefix, enforce_ssl=True
        )
        self._let_aws_publish()
        for place, address in enumerate(settings.alarms.addresses, start=1):
            sns.Subscription(
                self,
                f"Subscriber{place}",
                topic=self.topic,
                endpoint=address,
                protocol=sns.SubscriptionProtocol.EMAIL if "@" in address else sns.SubscriptionProtocol.HTTPS,
            )
        specs = [*alarm_specs(metrics), *(lake_alarm_specs(metrics) if settings.lake else ())]
        self.alarms = [self._alarm(spec) for spec in specs]
        if settings.alarms.spend_per_day:
            self._limit_spending()

    def _alarm(self, spec: AlarmSpec) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            "".join(part.capitalize() for part in spec.name.split("-")),
            alarm_name=f"{self._settings.prefix}-{spec.name}",
            alarm_description=f"{spec.means}. What to do: {self._settings.alarms.runbooks}/{spec.runbook}.md",
            metric=spec.metric,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=spec.above,
            evaluation_periods=spec.of,
            datapoints_to_alarm=spec.periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        action = actions.SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        return alarm

    def _let_aws_publish(self) -> None:
        """CloudWatch and Budgets of this account, and nobody else."""
        for service in ("cloudwatch", "budgets"):
            self.topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"Let{service.capitalize()}Publish",
                    actions=["sns:Publish"],
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    resources=[self.topic.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
                )
            )

    def _limit_spending(self) -> None:
        """The whole account's spending of a day: a tag counts only after somebody has activated it for billing."""
        budgets.CfnBudget(
            self,
            "Spend",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"{self._settings.prefix}-spend-per-day",
                budget_type="COST",
                time_unit="DAILY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=self._settings.alarms.spend_per_day, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN", notification_type="ACTUAL", threshold=100
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(address=self.topic.topic_arn, subscription_type="SNS")
                    ],
                )
            ],
        )


def alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Every alarm of a stage."""
    return (
        AlarmSpec(
            name="ingest-errors",
            runbook="ingest-errors",
            means="More than 1 percent of requests to the API are answered with 5xx",
            metric=metrics.api_errors_percent(),
            above=1,
            periods=2,
            of=3,
        ),
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
            }.items()
        ),
        *(
            AlarmSpec(
                name=f"dead-letters-{group}",
                runbook="dead-letters",
                means=f"{what} could not be worked on",
                metric=metrics.letters(group),
            )
            for group, what in {
                "messages": "Messages to customers",
                "work": "Work of a queue",
                "failures": "Single records, by their key,",
                "undelivered": "Batches of the stream",
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
            name="audit-mismatches",
            runbook="audit-mismatches",
            means="Stored memberships differ from what the events say",
            metric=metrics.counted("AuditMismatches", "segment-audit", "Maximum", function="segment-audit"),
            of=AN_HOUR,
        ),
        *(
            AlarmSpec(
                name=f"table-{kind.lower()}-throttles",
                runbook="throttles",
                means=f"DynamoDB refuses to {kind.lower()}, because too many requests come at once",
                metric=metrics.table_throttles(kind),
                above=10,
                periods=2,
                of=3,
            )
            for kind in ("Read", "Write")
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


LAKE_COUNTING = (
    "segment-on-events", "segment-on-due", "segment-on-queue", "schedule-on-customer", "measure-on-message",
)  # fmt: skip
"""Functions that count rows that are lost."""
TICKED = ("segment-on-due", "schedule-on-due", "segment-audit", "stock-on-due", "support-on-due", "stock-audit")
"""Functions that run by the clock."""
THROTTLED = (
    "ingest-api", "admin", "segment-on-events", "segment-on-due", "schedule-on-customer", "schedule-on-due",
    "notify-email", "notify-sms", "notify-push",
)  # fmt: skip
"""Functions whose throttles count. Those behind queues are throttled on purpose."""
