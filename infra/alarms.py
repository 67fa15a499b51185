"""What somebody should hear of: one topic, the alarms on it, and where to read what to do about each."""

from aws_cdk import NestedStack, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarm_specs import AlarmSpec, alarm_specs, backup_alarm_specs, lake_alarm_specs, rollout_alarm_specs
from infra.audience_alarms import audience_alarm_specs
from infra.case_alarms import case_alarm_specs
from infra.hook_alarms import due_hook_alarm_specs, hook_alarm_specs
from infra.iys_alarms import iys_alarm_specs
from infra.letter_alarms import letter_alarm_specs
from infra.metrics import Metrics
from infra.settings import Settings
from infra.slo_alarms import BurnAlarmSpec, slo_alarm_specs
from infra.withdrawal_alarms import withdrawal_alarm_specs


class Alarms(Construct):
    """The topic, its subscribers, the alarms and the limit of spending.

    Most alarms are in a stack of their own, because AWS takes 500 resources in each. Those that stop a rollout are not:
    another such stack names them.
    """

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
        specs = [
            *alarm_specs(metrics),
            *letter_alarm_specs(metrics),
            *case_alarm_specs(metrics),
            *iys_alarm_specs(metrics),
            *withdrawal_alarm_specs(metrics),
        ]
        specs += audience_alarm_specs(metrics)
        specs += lake_alarm_specs(metrics) if settings.lake else ()
        if settings.stock_webhook:
            specs += hook_alarm_specs(metrics)
        if settings.conversation_webhook:
            specs += due_hook_alarm_specs(metrics)
        if settings.backup is not None:
            specs += backup_alarm_specs(metrics, vault=settings.prefix)
        rollout = rollout_alarm_specs(metrics) if settings.gradual else ()
        self.of_rollout: list[cloudwatch.IAlarm] = [self._alarm(self, spec) for spec in rollout]
        own = NestedStack(Stack.of(self), "AlarmStack", description=f"What {settings.prefix} is watched by")
        self.alarms: list[cloudwatch.IAlarm] = [
            *(self._burn_alarm(own, spec) for spec in slo_alarm_specs(metrics)),
            *(self._alarm(own, spec) for spec in specs),
            *self.of_rollout,
        ]
        if settings.alarms.spend_per_day:
            self._limit_spending()

    def _alarm(self, scope: Construct, spec: AlarmSpec) -> cloudwatch.Alarm:
        alarm = self._silent_alarm(scope, spec)
        self._tell(alarm)
        return alarm

    def _burn_alarm(self, scope: Construct, spec: BurnAlarmSpec) -> cloudwatch.CompositeAlarm:
        windows = [self._silent_alarm(scope, window) for window in spec.windows]
        alarm = cloudwatch.CompositeAlarm(
            scope,
            _construct_id(spec.name),
            composite_alarm_name=f"{self._settings.prefix}-{spec.name}",
            alarm_description=self._text(spec),
            alarm_rule=cloudwatch.AlarmRule.all_of(
                *(cloudwatch.AlarmRule.from_alarm(window, cloudwatch.AlarmState.ALARM) for window in windows)
            ),
        )
        self._tell(alarm)
        return alarm

    def _tell(self, alarm: cloudwatch.AlarmBase) -> None:
        """The topic hears of the alarm and of its end."""
        action = actions.SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)

    def _text(self, spec: AlarmSpec | BurnAlarmSpec) -> str:
        return f"{spec.means}. What to do: {self._settings.alarms.runbooks}/{spec.runbook}.md"

    def _silent_alarm(self, scope: Construct, spec: AlarmSpec) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            scope,
            _construct_id(spec.name),
            alarm_name=f"{self._settings.prefix}-{spec.name}",
            alarm_description=self._text(spec),
            metric=spec.metric,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=spec.above,
            evaluation_periods=spec.of,
            datapoints_to_alarm=spec.periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

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


def _construct_id(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
