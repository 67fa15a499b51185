"""A table without indexes, in memory and on moto: what the suites of single stores run on."""

from __future__ import annotations

from collections.abc import Iterator

from moto import mock_aws

from shared.adapters.memory import MemoryTable
from shared.ports import Table
from tests.support.moto_wire import boto3_client, moto_table

KINDS = ("memory", "moto")


def plain_table(kind: str) -> Iterator[Table]:
    """An empty table of this kind, for as long as the caller holds the iterator."""
    if kind == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        client = boto3_client("dynamodb")
        client.create_table(
            TableName="plain",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        yield moto_table("plain")
