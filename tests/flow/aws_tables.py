"""The tables of a deployment, created on moto."""

from __future__ import annotations

from typing import Any

from shared.adapters.attribute_values import read_item
from shared.adapters.indexes import KEYS as INDEXES
from tests.support.moto_wire import boto3_client

TABLES = {
    "customers": ("members", "live"),
    "timers": (),
    "messages": ("by_home",),
    "catalog": (),
    "metrics": (),
    "conversations": ("pool", "desk", "due"),
    "iys": ("waiting",),
    "audiences": ("listed",),
}


def create_tables(dynamo: Any) -> None:
    """The tables of ``infra/``, with a stream of `customers`."""
    for table, indexes in TABLES.items():
        names = {"pk", "sk", *(name for index in indexes for name in INDEXES[index])}
        more: dict[str, Any] = {}
        if indexes:
            more["GlobalSecondaryIndexes"] = [
                {"IndexName": index, "KeySchema": _schema(*INDEXES[index]), "Projection": {"ProjectionType": "ALL"}}
                for index in indexes
            ]
        if table == "customers":
            more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        dynamo.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
            **more,
        )


def _schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def stored_items(table: str) -> list[dict[str, Any]]:
    """Every item of a table, as plain values."""
    pages = boto3_client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [read_item(item) for page in pages for item in page["Items"]]
