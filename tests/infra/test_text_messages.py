"""Text messages: the carrier is a setting, and reports and replies come back by one topic."""

import json

import pytest

from infra.context import ContextError, read_context
from infra.text_messages import REPORTED
from shared.domain.events.sms_reports import EVENT_TYPES
from tests.infra.conftest import Synthesized
from tests.infra.test_dead_letters import may_send, queue_of

pytestmark = pytest.mark.unit


def takes_text_messages(template: Synthesized) -> bool:
    """Whether there is the topic of text messages; a stage has others, for alarms."""
    return any(one["TopicName"].endswith("-sms") for one in template.properties("AWS::SNS::Topic"))


def test_the_carrier_is_a_setting(large: Synthesized, sending: Synthesized) -> None:
    """The sender is told who carries its messages, and may call that service only."""
    told = large.environment("kervan-prod-notify-sms")
    assert (told["KERVAN_SMS"], told["KERVAN_SENDER_SMS"], told["KERVAN_SMS_MAX_PRICE"]) == (
        "end_user_messaging", "pool-1234", "0.15",
    )  # fmt: skip
    assert "sms-voice:SendTextMessage" in large.actions("kervan-prod-notify-sms")
    assert "sns:Publish" not in large.actions("kervan-prod-notify-sms")
    assert sending.environment("kervan-prod-notify-sms")["KERVAN_SMS"] == "sns"
    assert "sms-voice:SendTextMessage" not in sending.actions("kervan-prod-notify-sms")


def test_reports_come_back_by_the_topic(large: Synthesized) -> None:
    """The configuration set reports what ingest understands, the service alone may publish, the queue of
    reports is subscribed."""
    [configuration] = large.properties("AWS::SMSVOICE::ConfigurationSet")
    assert configuration["ConfigurationSetName"] == "kervan-prod"
    [destination] = configuration["EventDestinations"]
    assert set(destination["MatchingEventTypes"]) == set(REPORTED) == set(EVENT_TYPES)
    topic = large.logical_id("AWS::SNS::Topic", "TopicName", "kervan-prod-sms")
    [subscription] = [one for one in large.properties("AWS::SNS::Subscription") if one["TopicArn"] == {"Ref": topic}]
    assert subscription["Protocol"] == "sqs"
    assert queue_of(large, subscription["Endpoint"]) == "kervan-prod-feedback-work"
    assert queue_of(large, subscription["RedrivePolicy"]["deadLetterTargetArn"]) == "kervan-prod-feedback-work-dead"
    assert may_send(large, "kervan-prod-feedback-work", "sns.amazonaws.com")
    [policy] = [one for one in large.properties("AWS::SNS::TopicPolicy") if {"Ref": topic} in one["Topics"]]
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in allowed] == [{"Service": "sms-voice.amazonaws.com"}]
    assert [one["Condition"] for one in allowed] == [{"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}]
    assert "TopicSms" in large.outputs()


def test_without_text_messages_there_is_no_topic(prod: Synthesized, local: Synthesized) -> None:
    """A stage that sends no text messages has none, and the emulator's stage neither."""
    for template in (prod, local):
        assert not takes_text_messages(template)
        assert template.resources("AWS::SMSVOICE::ConfigurationSet") == []


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"sms": "pigeon"}, "sns, end_user_messaging, gateway"),
        ({"sms": "end_user_messaging", "sender_sms": "with blank"}, "pool or ARN"),
        ({"sms": "end_user_messaging", "sms_max_price": "15 cents"}, "0.15"),
        ({"sms_max_price": "0.15"}, "end_user_messaging"),
        ({"stage": "local", "sms": "end_user_messaging"}, "stage local"),
        ({"stage": "local", "sms": "gateway", "sender_sms": "netgsm"}, "stage local"),
        ({"sms": "gateway"}, "sender_sms=NAME"),
        ({"sms": "gateway", "sender_sms": "+905001112233"}, "sender_sms=NAME"),
    ],
)
def test_a_mistake_is_told_in_one_line(context: dict[str, str], says: str) -> None:
    """What cannot be used is refused with one sentence that says what to write."""
    with pytest.raises(ContextError) as refused:
        read_context(context.get)
    assert says in str(refused.value)


def test_a_gateway_needs_no_right_of_aws(varied: Synthesized) -> None:
    """With an operator's gateway the sender calls no service of AWS; it reads its secrets, the way in reads others."""
    assert varied.environment("kervan-prod-notify-sms")["KERVAN_SENDER_SMS"] == "netgsm"
    assert not varied.actions("kervan-prod-notify-sms") & {"sns:Publish", "sms-voice:SendTextMessage"}
    assert not takes_text_messages(varied)
    secrets = {found.get("Name") for found in varied.properties("AWS::SecretsManager::Secret")}
    assert {"kervan-prod-senders", "kervan-prod-hooks"} <= secrets

    def readable(function: str) -> str:
        return json.dumps([one["Resource"] for one in varied.statements(function) if "secretsmanager" in str(one)])

    assert "SecretsSenders" in readable("kervan-prod-notify-sms")
    assert "SecretsHooks" not in readable("kervan-prod-notify-sms")
    assert "SecretsHooks" in readable("kervan-prod-ingest-api")
    assert "SecretsSenders" not in readable("kervan-prod-ingest-api")
    assert "SecretsSenders" not in readable("kervan-prod-notify-email")
