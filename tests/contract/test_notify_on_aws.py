"""The handler of a channel as it is deployed, on moto: secret, tables, release, SES."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from moto.sesv2.models import sesv2_backends

from functions.notify import on_queue
from functions.notify.answering import Answering
from functions.notify.environment import environment
from functions.notify.rights_mails import RightsMails
from shared.adapters.dynamo import DynamoTable
from shared.adapters.indexes import KEYS as INDEXES
from shared.stores.ledger import Ledger
from tests.support.moto_wire import boto3_client, moto_table, route_to_moto
from tests.unit.notify.world import MORNING, ROOT, Shopping, request

pytestmark = pytest.mark.contract

REGION = "eu-central-1"
CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)
TABLES = ("customers", "timers", "messages", "catalog", "products", "stock", "iys")


class StoppedClock:
    def now(self) -> datetime:
        return MORNING


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage in which Ayşe left a cart; the clock stands at MORNING."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "KERVAN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setattr("functions.notify.environment.clock_for", lambda _: StoppedClock())
    route_to_moto(monkeypatch)
    environment.cache_clear()
    with mock_aws():
        tables = {name: _table(name) for name in TABLES}
        secret = boto3_client("secretsmanager").create_secret(
            Name="s", SecretString="a secret of the tests, 32 bytes!!"
        )["ARN"]
        boto3_client("sesv2").create_email_identity(EmailIdentity="kervan.example")
        settings = {
            "STAGE": "dev", "CHANNEL": "email", "SENDING": "on", "SENDER_EMAIL": "merhaba@kervan.example",
            "SECRET": secret, "PUBLIC_URL": "https://api.example",
            **{name.upper(): name for name in TABLES},
            **{f"QUEUE_{channel}": f"https://sqs/{channel}" for channel in ("EMAIL", "SMS", "PUSH")},
            "SUPPORT_QUEUE": "https://sqs/support",
            "CONVERSATIONS": "conversations",
        }  # fmt: skip
        for name, value in settings.items():
            monkeypatch.setenv(f"KERVAN_{name}", value)
        shop = Shopping()
        shop.ayse()
        for item in shop.world.memory.items():
            tables["customers"].put(item)
        for item in shop.catalog.items():
            tables["catalog"].put(item)
        yield
    environment.cache_clear()


def _table(name: str) -> DynamoTable:
    indexes = {"stock": ("levels",), "products": ("named",)}.get(name, ())
    keys = ("pk", "sk", *(key for index in indexes for key in INDEXES[index]))
    more: dict[str, Any] = {
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _schema(*INDEXES[index]), "Projection": {"ProjectionType": "ALL"}}
            for index in indexes
        ]
    }
    boto3_client("dynamodb").create_table(
        TableName=name,
        KeySchema=_schema("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        BillingMode="PAY_PER_REQUEST",
        **(more if indexes else {}),
    )
    return moto_table(name)


def _schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def test_a_queued_request_becomes_a_mail_once(deployed: None) -> None:
    """The deployed composition reads its settings, sends through SES, records it, and does not send the repetition."""
    event: Any = json.loads((ROOT / "tests" / "payloads" / "sqs" / "batch.json").read_text())
    wanted = request("email", fresh_until_ms=2**42)
    event["Records"][0]["body"] = wanted.model_dump_json(exclude_none=True)
    for _ in range(2):
        assert on_queue.handler(event, CONTEXT) == {"batchItemFailures": []}
    (mail,) = sesv2_backends["123456789012"][REGION].core_backend.sent_messages
    assert mail.subject == "Ayşe, sepetiniz sizi bekliyor"
    record = Ledger(moto_table("messages")).get(wanted.message_id)
    assert record is not None
    assert record.state == "sent"
    assert record.decided_at == MORNING


def test_services_that_few_messages_need_are_made_once_with_the_first(deployed: None) -> None:
    """Of the same parts as the rest: they are imported when they are asked for, and nothing else would show a fault."""
    composed = environment()
    answering, rights = composed.answering(), composed.rights()
    assert isinstance(answering, Answering)
    assert isinstance(rights, RightsMails)
    assert (composed.answering(), composed.rights()) == (answering, rights)
    notifying = composed.notifying
    for service in (answering, rights):
        assert (service.ledger, service.sender, service.provider) == (
            notifying.ledger, notifying.sender, notifying.provider,
        )  # fmt: skip
    assert rights.public_url == "https://api.example"
    assert answering.files.objects() is answering.files.objects()
