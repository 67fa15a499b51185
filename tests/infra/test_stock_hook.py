"""The webhook of stock: made only where it is asked for, with no more rights than it needs."""

from __future__ import annotations

import json

import pytest

from tests.infra.conftest import Synthesize, Synthesized, as_list

pytestmark = pytest.mark.unit
URL = "https://hooks.shop.example/stock?x=1"


@pytest.fixture(scope="module")
def hooked(synthesize: Synthesize) -> Synthesized:
    return synthesize(stage="prod", stock_webhook=URL)


def test_nothing_of_it_is_made_without_an_address(prod: Synthesized) -> None:
    """No stream, no queue, no function, no secret."""
    written = json.dumps(prod.template)
    assert "stock-on-hook" not in written
    assert "hook-work" not in written
    table = prod.template["Resources"][prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-stock")]
    assert "StreamSpecification" not in table["Properties"]


def test_levels_are_read_from_the_stream(hooked: Synthesized) -> None:
    """And nothing else of the table: pick-ups and notices name people."""
    table = hooked.template["Resources"][hooked.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-stock")]
    assert table["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    reader = hooked.logical_id("AWS::Lambda::Function", "FunctionName", "kervan-prod-stock-on-level")
    (mapping,) = [
        one for one in hooked.properties("AWS::Lambda::EventSourceMapping") if reader in json.dumps(one["FunctionName"])
    ]
    patterns = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]
    assert patterns == [{"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "level#"}]}}}}]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_queue_is_patient(hooked: Synthesized) -> None:
    """Thirty attempts; a message is hidden while its reader may still work; one request at a time and reader."""
    (queue,) = [one for one in hooked.properties("AWS::SQS::Queue") if one["QueueName"] == "kervan-prod-hook-work"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 30
    assert queue["VisibilityTimeout"] >= 6 * hooked.functions()["kervan-prod-stock-on-hook"]["Timeout"]
    reader = hooked.logical_id("AWS::Lambda::Function", "FunctionName", "kervan-prod-stock-on-hook")
    (mapping,) = [
        one for one in hooked.properties("AWS::Lambda::EventSourceMapping") if reader in json.dumps(one["FunctionName"])
    ]
    assert mapping["BatchSize"] == 1


def test_who_may_what(hooked: Synthesized) -> None:
    """The caller reads its own secret and its queue, no table; the finder reads the stream and writes the queue."""
    teller, finder = (f"kervan-prod-{name}" for name in ("stock-on-hook", "stock-on-level"))
    tables = {action for action in hooked.actions(teller) if action.startswith("dynamodb:")}
    assert tables == set()
    assert {action for action in hooked.actions(finder) if action.startswith("dynamodb:")} == {
        "dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
    }  # fmt: skip
    secret = hooked.logical_id("AWS::SecretsManager::Secret", "Name", "kervan-prod-stock-webhook")
    reading = {
        name
        for name in hooked.functions()
        for one in hooked.statements(name)
        if "secretsmanager:GetSecretValue" in as_list(one["Action"]) and secret in json.dumps(one["Resource"])
    }
    assert reading == {teller}
    told = hooked.environment(teller)
    assert told["KERVAN_STOCK_WEBHOOK"] == URL
    assert "KERVAN_SECRET" not in told
    assert "KERVAN_SECRET" not in hooked.environment(finder)


def test_somebody_hears_when_it_does_not_answer(hooked: Synthesized) -> None:
    """An alarm for waiting changes, with a runbook; dead letters are listed and can be redriven."""
    names = {one["AlarmName"] for one in hooked.properties("AWS::CloudWatch::Alarm")}
    assert {"kervan-prod-hook-work-queue-age", "kervan-prod-stock-on-level-stream-age"} <= names
    assert '\\"hook-work\\"' in json.dumps(hooked.environment("kervan-prod-admin")["KERVAN_DEAD_LETTERS"])
