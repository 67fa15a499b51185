"""The webhooks of stock and of conversations: made only where they are asked for, with no more rights than needed."""

from __future__ import annotations

import json

import pytest

from tests.infra.conftest import CONVERSATION_WEBHOOK, STOCK_WEBHOOK, Synthesized, as_list

pytestmark = pytest.mark.unit


def test_nothing_of_it_is_made_without_an_address(prod: Synthesized) -> None:
    """No stream, no queue, no function, no secret."""
    written = json.dumps(prod.template)
    assert "stock-on-hook" not in written
    assert "service-on-hook" not in written
    assert "hook-work" not in written
    table = prod.template["Resources"][prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-stock")]
    assert "StreamSpecification" not in table["Properties"]


def test_levels_are_read_from_the_stream(kept: Synthesized) -> None:
    """And nothing else of the table: pick-ups and notices name people."""
    table = kept.template["Resources"][kept.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-stock")]
    assert table["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    reader = kept.logical_id("AWS::Lambda::Function", "FunctionName", "kervan-prod-stock-on-level")
    (mapping,) = [
        one for one in kept.properties("AWS::Lambda::EventSourceMapping") if reader in json.dumps(one["FunctionName"])
    ]
    patterns = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]
    assert patterns == [{"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "level#"}]}}}}]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_queue_is_patient(kept: Synthesized) -> None:
    """Thirty attempts; a message is hidden while its reader may still work; one request at a time and reader."""
    (queue,) = [one for one in kept.properties("AWS::SQS::Queue") if one["QueueName"] == "kervan-prod-hook-work"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 30
    assert queue["VisibilityTimeout"] >= 6 * kept.functions()["kervan-prod-stock-on-hook"]["Timeout"]
    reader = kept.logical_id("AWS::Lambda::Function", "FunctionName", "kervan-prod-stock-on-hook")
    (mapping,) = [
        one for one in kept.properties("AWS::Lambda::EventSourceMapping") if reader in json.dumps(one["FunctionName"])
    ]
    assert mapping["BatchSize"] == 1


def test_who_may_what(kept: Synthesized) -> None:
    """The caller reads its own secret and its queue, no table; the finder reads the stream and writes the queue."""
    teller, finder = (f"kervan-prod-{name}" for name in ("stock-on-hook", "stock-on-level"))
    tables = {action for action in kept.actions(teller) if action.startswith("dynamodb:")}
    assert tables == set()
    assert {action for action in kept.actions(finder) if action.startswith("dynamodb:")} == {
        "dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
    }  # fmt: skip
    secret = kept.logical_id("AWS::SecretsManager::Secret", "Name", "kervan-prod-stock-webhook")
    reading = {
        name
        for name in kept.functions()
        for one in kept.statements(name)
        if "secretsmanager:GetSecretValue" in as_list(one["Action"]) and secret in json.dumps(one["Resource"])
    }
    assert reading == {teller}
    told = kept.environment(teller)
    assert told["KERVAN_STOCK_WEBHOOK"] == STOCK_WEBHOOK
    assert "KERVAN_SECRET" not in told
    assert "KERVAN_SECRET" not in kept.environment(finder)


def test_somebody_hears_when_it_does_not_answer(kept: Synthesized) -> None:
    """An alarm for waiting changes, with a runbook; dead letters are listed and can be redriven."""
    names = {one["AlarmName"] for one in kept.properties("AWS::CloudWatch::Alarm")}
    assert {"kervan-prod-hook-work-queue-age", "kervan-prod-stock-on-level-stream-age"} <= names
    assert '\\"hook-work\\"' in json.dumps(kept.environment("kervan-prod-admin")["KERVAN_DEAD_LETTERS"])


def test_who_tells_of_due_answers_may_nothing_else(kept: Synthesized) -> None:
    """It reads its own secret and its queue, no table and no key of identifiers; thirty attempts, then a dead letter.
    The function of the minute may put warnings into the queue, and nobody else of conversations."""
    teller, queue = "kervan-prod-service-on-hook", "kervan-prod-due-hook-work"
    assert {action for action in kept.actions(teller) if action.startswith(("dynamodb:", "s3:"))} == set()
    secret = kept.logical_id("AWS::SecretsManager::Secret", "Name", "kervan-prod-conversation-webhook")
    waiting = kept.logical_id("AWS::SQS::Queue", "QueueName", queue)
    reading, sending = set(), set()
    for name in kept.functions():
        for one in kept.statements(name):
            actions, on = as_list(one["Action"]), json.dumps(one["Resource"])
            reading |= {name} if "secretsmanager:GetSecretValue" in actions and secret in on else set()
            sending |= {name} if "sqs:SendMessage" in actions and waiting in on else set()
    assert (reading, sending) == ({teller}, {"kervan-prod-support-on-due", "kervan-prod-admin"})
    told = kept.environment(teller)
    assert told["KERVAN_CONVERSATION_WEBHOOK"] == CONVERSATION_WEBHOOK
    assert "KERVAN_SECRET" not in told
    (made,) = [one for one in kept.properties("AWS::SQS::Queue") if one["QueueName"] == queue]
    assert made["RedrivePolicy"]["maxReceiveCount"] == 30
    assert '\\"due-hook-work\\"' in json.dumps(kept.environment("kervan-prod-admin")["KERVAN_DEAD_LETTERS"])
    assert "kervan-prod-due-hook-work-queue-age" in {
        one["AlarmName"] for one in kept.properties("AWS::CloudWatch::Alarm")
    }
