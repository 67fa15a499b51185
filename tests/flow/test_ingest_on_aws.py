"""The functions behind the HTTP API and SES as Lambda starts them: environment variables, secret, tables, on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from msgspec.structs import replace

from functions.admin import api as admin_api
from functions.admin import environment as admin_composition
from functions.ingest import api, on_feedback
from functions.ingest import environment as composition
from shared.adapters import aws
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.dynamo import DynamoTable
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.lifecycle import Claim
from shared.domain.messages.message import State
from shared.domain.messages.request import SendRequest
from shared.stores.event_items import read_event
from shared.stores.ledger import Ledger
from shared.stores.sources import add_source
from tests.support.moto_wire import boto3_client, route_to_moto
from tests.support.queued_reports import INVOCATION, queued
from tests.unit.ingest.payloads import payload
from tests.unit.ingest.world import NOW, basic, http_event

pytestmark = pytest.mark.flow

SECRET = "s" * 64


def caches() -> Iterator[Any]:
    yield composition.environment
    yield admin_composition.environment
    yield on_feedback.feedback
    yield aws.session


def schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, DynamoTable]]:
    """Empty tables and a secret on moto, and the environment variables that the CDK app sets."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    route_to_moto(monkeypatch)
    for cached in caches():
        cached.cache_clear()
    with mock_aws():
        client = boto3_client("dynamodb")
        for table in ("customers", "messages", "catalog", "metrics"):
            indexed = {"by_home": ("home", "at")} if table == "messages" else {}
            more: dict[str, Any] = {
                "GlobalSecondaryIndexes": [
                    {"IndexName": index, "KeySchema": schema(*names), "Projection": {"ProjectionType": "ALL"}}
                    for index, names in indexed.items()
                ]
            }
            names = ("pk", "sk", *(name for pair in indexed.values() for name in pair))
            client.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=schema("pk", "sk"),
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
                **(more if indexed else {}),
            )
            monkeypatch.setenv(f"KERVAN_{table.upper()}", table)
        secret = boto3_client("secretsmanager").create_secret(Name="kervan", SecretString=SECRET)
        # Named for all, asked by none of these.
        for unasked in ("timers", "conversations", "iys", "iys_queue", "audiences"):
            monkeypatch.setenv(f"KERVAN_{unasked.upper()}", unasked)
        monkeypatch.setenv("KERVAN_ERASURES", "https://sqs.eu-central-1.amazonaws.com/123456789012/erasures")
        monkeypatch.setenv("KERVAN_SUPPORT_QUEUE", "https://sqs.eu-central-1.amazonaws.com/123456789012/support")
        monkeypatch.setenv("KERVAN_SECRET", secret["ARN"])
        monkeypatch.setenv("KERVAN_STAGE", "test")
        yield {name: DynamoTable(dynamo_client(), name) for name in ("customers", "messages", "catalog")}
    for cached in caches():
        cached.cache_clear()


def test_an_sdks_batch_becomes_a_timeline(deployed: dict[str, DynamoTable]) -> None:
    """A real SDK's request through the real handler is stored in DynamoDB and read back by the admin API."""
    add_source(deployed["catalog"], "neutral-key", Source("server", "server", trusted=True), created_at=NOW)
    add_source(deployed["catalog"], "admin", Source("admin", "admin", trusted=True), kind="admin", created_at=NOW)
    answer = api.handler(payload("sdk/rudder_python"), None)
    assert (answer["statusCode"], json.loads(answer["body"])["accepted"]) == (200, 2)
    asked = http_event("GET", "/v1/customers/user:42/timeline", None, {"authorization": "Bearer admin"})
    items = json.loads(admin_api.handler(asked, None)["body"])["items"]
    assert sorted(item["event"] for item in items) == ["Identified", "Product Added"]


def test_60_events_are_three_requests_that_all_arrive(deployed: dict[str, DynamoTable]) -> None:
    """A batch beyond DynamoDB's 25 is split, and everything that was accepted is there."""
    add_source(deployed["catalog"], "k", Source("web", "web", trusted=False), created_at=NOW)
    events = [
        {"type": "track", "event": "Quiz Finished", "userId": "42", "messageId": f"m{place}"} for place in range(60)
    ]
    answer = api.handler(http_event("POST", "/v1/batch", {"batch": events}, basic("k")), None)
    assert json.loads(answer["body"])["accepted"] == 60
    stored = (
        deployed["customers"].query(IdentifierKeys(SECRET.encode())(parse_identifier("user:42")), prefix="t#").items
    )
    assert {read_event(item).message_id for item in stored} == {event["messageId"] for event in events}


def test_a_bounce_comes_back_by_eventbridge(deployed: dict[str, DynamoTable]) -> None:
    """The handler of SES's reports settles the ledger and withdraws the address; a stranger's report is passed over."""
    keys = IdentifierKeys(SECRET.encode())
    home, address = keys(parse_identifier("user:42")), keys(parse_identifier("email:ayse@example.com"))
    ledger = Ledger(deployed["messages"])
    request = SendRequest(
        home=home,
        enrollment="e1",
        journey="cart-recovery",
        release=1,
        step="reminder",
        template="cart-reminder",
        purpose="marketing",
        channels=("email",),
        due_ms=0,
        fresh_until_ms=1,
        clock_ms=0,
    )
    claim = ledger.begin(request, home, NOW)
    assert isinstance(claim, Claim)
    assert ledger.calling(replace(claim.record, address_key=address), NOW) is not None
    text = json.dumps(payload("ses/bounce"))
    on_feedback.handler(queued(text), INVOCATION)
    assert deployed["customers"].query(home).items == []
    on_feedback.handler(queued(text.replace('"MESSAGE"', json.dumps(request.message_id))), INVOCATION)
    found = ledger.get(request.message_id)
    assert found is not None
    assert found.state == State.SENT
    assert [item["sk"].partition("#")[0] for item in deployed["customers"].query(home).items] == ["consent", "t"]
    assert [item["purpose"] for item in deployed["customers"].query(address).items] == ["all"]


def test_without_the_secret_nothing_is_taken(deployed: dict[str, DynamoTable], monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that cannot read its secret answers 503, and works with the next request once it can."""
    add_source(deployed["catalog"], "k", Source("web", "web", trusted=False), created_at=NOW)
    event = http_event("POST", "/v1/track", {"event": "Quiz Finished", "userId": "42"}, basic("k"))
    with monkeypatch.context() as broken:
        broken.setenv("KERVAN_SECRET", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:missing")
        assert api.handler(event, None)["statusCode"] == 503
    assert api.handler(event, None)["statusCode"] == 200
