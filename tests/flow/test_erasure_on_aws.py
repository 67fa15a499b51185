"""An erasure on moto's DynamoDB and SQS: nothing is left, whatever call the worker dies at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
from moto import mock_aws

from functions.privacy.erase_letters import LetterErasure
from functions.privacy.erasing import Erasing
from shared.adapters import aws
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.dynamo import DynamoTable
from shared.adapters.indexes import INDEXES
from shared.adapters.indexes import KEYS as INDEX_KEYS
from shared.adapters.letter_queue_sqs import SqsLetterQueue
from shared.adapters.phones import phone_reader
from shared.domain.privacy.erasure import CONFIRM_AFTER, Erasure, State
from shared.ports import Table
from shared.stores.erasures import Erasures
from shared.stores.releases import Releases
from tests.flow.aws_tables import stored_items
from tests.support.backfills import Fuse, FusedTable
from tests.support.canaries import found, text_of
from tests.support.interleaving import Crash
from tests.support.moto_wire import boto3_client, route_to_moto
from tests.unit.privacy.planted import items_of, plant
from tests.unit.privacy.shop import MARK, Shop42
from tests.unit.privacy.test_erase_letters import job

pytestmark = pytest.mark.flow
TABLES = ("customers", "messages", "catalog", "stock", "interests", "conversations")


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    route_to_moto(monkeypatch)
    aws.session.cache_clear()
    with mock_aws():
        yield
    aws.session.cache_clear()


def create(table: str) -> DynamoTable:
    indexes = INDEXES[table]
    named = {"pk", "sk", *(name for index in indexes for name in INDEX_KEYS[index])}
    more: dict[str, Any] = {}
    if indexes:
        more["GlobalSecondaryIndexes"] = [
            {"IndexName": one, "KeySchema": schema(*INDEX_KEYS[one]), "Projection": {"ProjectionType": "ALL"}}
            for one in indexes
        ]
    boto3_client("dynamodb").create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=schema("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(named)], **more,
    )  # fmt: skip
    return DynamoTable(dynamo_client(), table)


def schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def test_nothing_is_left_on_aws_whatever_call_it_dies_at(moto: None) -> None:
    """The worker dies at a call of each part of its work, is called again each time, and looks once more."""
    shop, tables, fuse = Shop42(), {name: create(name) for name in TABLES}, Fuse()
    plant(shop)
    _, asked = shop.ask()
    for name, made in tables.items():
        made.put_many([item for place, item in items_of(shop) if place[0] == name])
    client = boto3_client("sqs")
    url = client.create_queue(QueueName="support-work-dead")["QueueUrl"]
    for body in (job("email:canary@example.com", MARK), job("email:other@example.com")):
        client.send_message(QueueUrl=url, MessageBody=body)
    before = theirs(shop)
    fused = {name: cast("Table", FusedTable(cast("Any", table), fuse)) for name, table in tables.items()}
    erasing = Erasing(
        **cast("Any", fused), releases=Releases(tables["catalog"]), keys=shop.world.keys, files=lambda: shop.files,
        letters=LetterErasure([SqsLetterQueue(sqs_client(), url)], shop.world.keys, phone_reader("TR")),
    )  # fmt: skip
    now = shop.world.clock.now()
    for last in (3, 9, 20, 34, 55, 80):
        fuse.left = last
        with suppress(Crash):
            erasing.run(asked["id"], now, time_left=lambda: True)
    fuse.left = None
    for moment in (now, now + CONFIRM_AFTER):
        done = erasing.run(asked["id"], moment, time_left=lambda: True)
    assert isinstance(done, Erasure)
    assert done.state is State.CONFIRMED
    assert Erasures(tables["catalog"]).get(asked["id"]) == done
    left = [text_of(item) for name in TABLES for item in stored_items(name)]
    assert found([MARK, "user:42"], left) == set()
    assert theirs(shop, stored={name: stored_items(name) for name in TABLES}) == before
    [kept] = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(kept["Body"])["who"] == "email:other@example.com"


def theirs(shop: Shop42, stored: dict[str, list[dict[str, Any]]] | None = None) -> dict[tuple[str, str, str], str]:
    """What names the other person in customers and conversations, but for the laptop that he shares with her."""
    home = next(member.key for member in shop.tree("user:77").members)
    rows = ((table, item) for table, items in (stored or {}).items() for item in items)
    all_items = rows if stored is not None else ((place[0], item) for place, item in items_of(shop))
    return {
        (table, item["pk"], item["sk"]): str(sorted(item.items(), key=lambda pair: pair[0]))
        for table, item in all_items
        if table in ("customers", "conversations") and home in text_of(item)
        and item["sk"] != "claim" and not item["sk"].startswith("owns#")
    }  # fmt: skip
