"""Processor time of one call of DynamoDB up to the socket: our own client, and botocore as everybody makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from benchmarks import prices
from benchmarks.aws_stub import BotocoreClient, NullTransport, lean_client
from benchmarks.processor import best_of
from benchmarks.rows import Row
from shared.adapters.attribute_values import write_item
from shared.adapters.dynamo import Client, DynamoTable

PART = "the wire"
TARGET_MS = 0.10
TIMES = 100

ITEM = {
    "pk": "u.4Qf1yYxG2mZk0aT7bN9cRw",
    "sk": "event#2026-11-26T10:00:00.000Z#m-1",
    "v": 1,
    "name": "Product Added",
    "text": '{"properties":{"product_id":"sku-1","name":"Keten gömlek","price":"899.90","currency":"TRY"}}' * 3,
    "at": 1_764_151_200_000,
    "facts": b"x" * 300,
}


def rows(rounds: int = 15) -> Iterator[Row]:
    one = {"Item": write_item(ITEM)}
    twenty = {"Items": [write_item(ITEM)] * 20, "Count": 20, "ScannedCount": 20}
    yield from _compared("get_item", one, lambda table: table.get("p", "s"), rounds)
    yield from _compared("query, 20 items", twenty, lambda table: table.query("p", prefix="event#"), rounds)
    yield from _compared("put_item with a condition", {}, lambda table: table.put(ITEM, expect={"v": 1}), rounds)
    updated = {"Attributes": write_item({"n": 1})}
    yield from _compared("update_item", updated, lambda table: table.add("p", "s", {"n": 1}, set_to={"a": "b"}), rounds)
    yield from _compared("batch_write_item, 25 items", {}, lambda table: table.put_many(MANY), rounds)
    yield from _compared_calls("transact_write_items, 2 items", "TransactWriteItems", TRANSACTION, rounds)


MANY = [{**ITEM, "sk": str(place)} for place in range(25)]
TRANSACTION: dict[str, Any] = {
    "TransactItems": [
        {"Put": {"TableName": "t", "Item": write_item(ITEM)}},
        {"Delete": {"TableName": "t", "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}},
    ]
}


def _compared(name: str, answer: dict[str, Any], use: Callable[[DynamoTable], object], rounds: int) -> Iterator[Row]:
    def work(client: Client) -> Callable[[], object]:
        table = DynamoTable(client, "customers")
        return lambda: use(table)

    yield from _rows(name, answer, work, rounds)


def _compared_calls(name: str, operation: str, request: dict[str, Any], rounds: int) -> Iterator[Row]:
    yield from _rows(name, {}, lambda client: lambda: client.call(operation, request), rounds)


def _rows(
    name: str, answer: dict[str, Any], work: Callable[[Client], Callable[[], object]], rounds: int
) -> Iterator[Row]:
    text = orjson.dumps(answer)
    plain = best_of(rounds, work(BotocoreClient(text)), times=TIMES) * 1000
    lean = best_of(rounds, work(lean_client(NullTransport(text))), times=TIMES) * 1000
    yield Row(PART, f"{name}: botocore", plain, "ms", None, prices.of_cpu(plain / 1000))
    note = f"{plain / lean:.1f} times less; up to the socket"
    yield Row(
        PART, f"{name}: ours", lean, "ms", TARGET_MS if "item" in name else None, prices.of_cpu(lean / 1000), note
    )
