"""A new segment reaches everybody: the tick, the walkers and the audit as Lambda starts them, with SQS and DynamoDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.publishing import publish
from functions.segment import backfill_shard, on_audit, on_due, on_queue
from functions.segment import environment as composition
from shared.domain.segments.definition import SegmentDefinition
from shared.stores.customers import SHARDS
from shared.stores.releases import Releases
from tests.flow.deployment import SECRET, Deployment
from tests.support.moto_wire import boto3_client

pytestmark = pytest.mark.flow

CUSTOMERS = 12
TWICE = SegmentDefinition.model_validate({"segment": "twice", "who": {"orders": {"exactly": 2}}})


class Context(SimpleNamespace):
    """An invocation that has begun just now."""

    aws_request_id = "moto"

    def get_remaining_time_in_millis(self) -> int:
        return 290_000


@pytest.fixture
def shop(deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Customers decided under the first release, and the environment variables that the CDK app sets."""
    secret = boto3_client("secretsmanager").create_secret(Name="key", SecretString=SECRET.decode())["ARN"]
    clock = tmp_path / "clock.json"
    clock.write_text(json.dumps({"offset_seconds": (deployment.clock.at - datetime.now(UTC)).total_seconds()}))
    work = boto3_client("sqs").create_queue(QueueName="segment-work")["QueueUrl"]
    settings = {"STAGE": "local", "CLOCK": str(clock), "SECRET": secret, "WORK": work,
                "FAILURES": deployment.queue_urls["failures"]}  # fmt: skip
    settings |= {name.upper(): name for name in ("customers", "timers", "catalog", "interests", "metrics")}
    for name, value in settings.items():
        monkeypatch.setenv(f"KERVAN_{name}", value)
    monkeypatch.setattr(backfill_shard, "PAGE", 2)
    for number in range(CUSTOMERS):
        bought = [
            {"type": "track", "event": "Order Completed", "userId": f"u{number}",
             "properties": {"order_id": f"o{number}-{place}", "total": 10}}
            for place in range(number % 3)
        ]  # fmt: skip
        deployment.send("server", {"type": "identify", "userId": f"u{number}", "traits": {"city": "Bursa"}}, *bought)
    deployment.settle()
    for cached in (composition.environment, on_audit.auditing):
        cached.cache_clear()
    yield deployment
    for cached in (composition.environment, on_audit.auditing):
        cached.cache_clear()


def pump(url: str) -> int:
    """Messages to the walkers until none is left; how many."""
    sqs, count = boto3_client("sqs"), 0
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            record = {"messageId": message["MessageId"], "body": message["Body"]}
            assert on_queue.handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            count += 1
    return count


def segments(shop: Deployment) -> dict[str, Any]:
    found = shop.read("segments")
    return found | {"members": {item["name"]: item["members"] for item in found["items"]}}


def test_a_new_segment_reaches_everybody(shop: Deployment) -> None:
    """Published, waiting, walked, listed; the audit finds everybody right; a second look moves nobody."""
    catalog = shop.tables["catalog"]
    current = Releases(catalog).current()
    number = publish(catalog, replace(current, segments=(TWICE,))).number
    before = segments(shop)
    assert (before["members"]["twice"], before["backfill"]["state"]) == (0, "waiting")
    on_due.handler({}, Context())
    assert segments(shop)["backfill"]["state"] == "walking"
    url = boto3_client("sqs").get_queue_url(QueueName="segment-work")["QueueUrl"]
    assert pump(url) == SHARDS
    after = segments(shop)
    assert after["members"]["twice"] == CUSTOMERS // 3
    told = after["backfill"]
    assert (told["release"], told["state"], told["done"], told["failed"]) == (number, "done", CUSTOMERS, 0)
    assert on_due.handler({}, Context())["shards"] == 0
    assert on_audit.handler({}, Context()) == {"AuditSampled": CUSTOMERS, "AuditMismatches": 0}
    assert segments(shop)["audit"]["sampled"] == CUSTOMERS
    assert shop.failures() == []
