"""Mails of customers and their files: who puts them where, and who may read them."""

import json

import pytest

from infra.context import ContextError, read_context
from infra.conversation_files import COPIES, FILES, MAIL
from shared.domain.conversations.files import PREFIX as FILE_PREFIX
from shared.domain.conversations.mail_receipt import PREFIX as MAIL_PREFIX
from shared.domain.privacy.copy_files import COPIES as COPY_PREFIX
from tests.infra.conftest import Synthesized, as_list

pytestmark = pytest.mark.unit


def test_ses_puts_mails_into_the_bucket_and_tells_the_queue(large: Synthesized) -> None:
    """Scanned for viruses; SES of this account alone may write and publish."""
    [rule] = large.properties("AWS::SES::ReceiptRule")
    assert rule["Rule"]["Recipients"] == ["destek@shop.example", "info@shop.example"]
    assert rule["Rule"]["ScanEnabled"] is True
    [action] = rule["Rule"]["Actions"]
    topic = large.logical_id("AWS::SNS::Topic", "TopicName", "kervan-prod-mail")
    assert action["S3Action"]["TopicArn"] == {"Ref": topic}
    assert action["S3Action"]["ObjectKeyPrefix"] == MAIL == MAIL_PREFIX
    assert FILES == FILE_PREFIX
    assert COPIES == COPY_PREFIX
    assert [one["RuleSetName"] for one in large.properties("AWS::SES::ReceiptRuleSet")] == ["kervan-prod"]
    [subscription] = [one for one in large.properties("AWS::SNS::Subscription") if one["TopicArn"] == {"Ref": topic}]
    assert (subscription["Protocol"], subscription["RawMessageDelivery"]) == ("sqs", True)
    policies = [*large.properties("AWS::S3::BucketPolicy"), *large.properties("AWS::SNS::TopicPolicy")]
    by_ses = [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Principal") == {"Service": "ses.amazonaws.com"}
    ]
    assert len(by_ses) == 2
    assert all("aws:SourceAccount" in json.dumps(one["Condition"]) for one in by_ses)


def test_without_a_mailbox_no_mail_is_taken(prod: Synthesized, local: Synthesized) -> None:
    """And an account's own set of rules gets one rule more, where it is named."""
    for template in (prod, local):
        assert template.resources("AWS::SES::ReceiptRule") == []
    assert local.outputs()["Mailbox"] == "support@kervan.example"


def test_an_account_with_rules_keeps_them(varied: Synthesized) -> None:
    [rule] = varied.properties("AWS::SES::ReceiptRule")
    assert rule["RuleSetName"] == "inbound"
    assert varied.resources("AWS::SES::ReceiptRuleSet") == []


def test_answers_come_back_to_the_mailbox(large: Synthesized) -> None:
    assert large.environment("kervan-prod-notify-email")["KERVAN_REPLY_TO"] == "destek@shop.example"
    own = "hello@shop.example destek@shop.example info@shop.example"
    assert large.environment("kervan-prod-support-on-mail")["KERVAN_OWN_ADDRESSES"] == own


def test_who_may_touch_the_bucket(large: Synthesized) -> None:
    """Who reads mails, who makes links to files, who erases; nobody else."""
    found: dict[str, set[str]] = {}
    for name in large.functions():
        for statement in large.statements(name):
            if "ConversationsBucket" in json.dumps(statement["Resource"]):
                found.setdefault(name.removeprefix("kervan-prod-"), set()).update(as_list(statement["Action"]))
    assert found == {
        "support-on-mail": {
            "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListBucket",
        },
        "support-api": {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"},
        "console": {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"},
        "support-on-queue": {"s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"},  # Meta's channels
        "support-on-due": {"s3:DeleteObject"},  # files of answers that were not kept
        "notify-email": {"s3:GetObject", "s3:ListBucket"},  # files of answers
        "notify-social": {"s3:GetObject", "s3:ListBucket"},
        "privacy-on-queue": {  # mails that nobody took; copies for people
            "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:AbortMultipartUpload",
        },
        "ingest-api": {"s3:GetObject"},
    }  # fmt: skip
    for name in ("support-api", "console"):
        [links] = [s for s in large.statements(f"kervan-prod-{name}") if "s3:GetObject" in as_list(s["Action"])]
        assert f"/{FILES}*" in json.dumps(links["Resource"])
    for name, action in (("ingest-api", "s3:GetObject"), ("privacy-on-queue", "s3:PutObject")):
        where = [
            json.dumps(one["Resource"])
            for one in large.statements(f"kervan-prod-{name}")
            if action in as_list(one["Action"]) and "ConversationsBucket" in json.dumps(one["Resource"])
        ]
        assert [(f"/{COPIES}*" in one, f"/{FILES}*" in one) for one in where] == [(True, False)]


@pytest.mark.parametrize(
    "given",
    [
        {"mailbox": "shop.example"}, {"mailbox": "a@b@c.example"}, {"mailbox": "a b@c.example"}, {"mail_rules": "x"},
        {"mailbox": "a@c.example", "mail_rules": "a b"}, {"mailbox": ",".join(f"a{n}@c.example" for n in range(21))},
    ],
)  # fmt: skip
def test_mailboxes_that_cannot_be(given: dict[str, str]) -> None:
    with pytest.raises(ContextError):
        read_context(given.get)
