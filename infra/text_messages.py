"""What text messages need beside a sender: the topic that reports and replies come by, and who may publish to it."""

import aws_cdk as cdk
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_smsvoice as smsvoice
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.function import KervanFunction
from infra.queues import WorkQueues
from infra.settings import Settings

REPORTED = (
    "TEXT_DELIVERED", "TEXT_SUCCESSFUL", "TEXT_INVALID", "TEXT_INVALID_MESSAGE", "TEXT_UNREACHABLE",
    "TEXT_CARRIER_UNREACHABLE", "TEXT_BLOCKED", "TEXT_CARRIER_BLOCKED", "TEXT_SPAM", "TEXT_TTL_EXPIRED",
    "TEXT_PROTECT_BLOCKED",
)  # fmt: skip
"""Kinds of reports that ingest understands; a test compares them."""
PUBLISHER = "sms-voice.amazonaws.com"
IDENTITIES = ("phone-number/*", "pool/*", "sender-id/*", "rcs-agent/*")


class TextMessages(Construct):
    """The topic of a stage. A number that takes replies is pointed at it by an operator."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, work: WorkQueues) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", topic_name=f"{settings.prefix}-sms", enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal(PUBLISHER)],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        self.topic.add_subscription(
            subscriptions.SqsSubscription(work.by_name["feedback"], dead_letter_queue=work.dead["feedback"])
        )
        if settings.senders.sms_carrier == "end_user_messaging":
            self._report_to_topic(settings)

    def _report_to_topic(self, settings: Settings) -> None:
        smsvoice.CfnConfigurationSet(
            self,
            "ConfigurationSet",
            configuration_set_name=settings.prefix,
            event_destinations=[
                smsvoice.CfnConfigurationSet.EventDestinationProperty(
                    enabled=True,
                    event_destination_name="reports",
                    matching_event_types=list(REPORTED),
                    sns_destination=smsvoice.CfnConfigurationSet.SnsDestinationProperty(topic_arn=self.topic.topic_arn),
                )
            ],
        )


def allow_text_messages(stack: cdk.Stack, sender: KervanFunction, configuration_set: str) -> None:
    """Let the sender give text messages to End User Messaging, from the account's own identities."""
    sender.allow(
        "sms-voice:SendTextMessage",
        on=[
            stack.format_arn(service="sms-voice", resource=name)
            for name in (*IDENTITIES, f"configuration-set/{configuration_set}")
        ],
    )
