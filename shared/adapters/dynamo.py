"""The table port on DynamoDB."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from shared.adapters.attribute_values import read_item, write_item, write_value
from shared.adapters.aws_errors import AwsRefused, UnwritableRequest
from shared.adapters.check_transaction import check_transaction
from shared.adapters.cursors import InvalidCursor, read_cursor, write_cursor
from shared.adapters.indexes import KEYS
from shared.adapters.usage import Usage
from shared.ports import Conflict, Item, Page, RefusedByTable, Throttled, Write

ATTEMPTS = 4
"""Tries for what a batch left unprocessed; then the caller hears that the table throttles."""

_THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "InternalServerError",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class Client(Protocol):
    def call(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of one operation of DynamoDB. Raises AwsError, or UnwritableRequest."""


class DynamoTable:
    """``Table`` on one DynamoDB table. With ``usage`` every call asks for its consumed capacity and adds it up."""

    def __init__(
        self,
        client: Client,
        name: str,
        *,
        usage: Usage | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._name = name
        self._usage = usage
        self._sleep = sleep
        self._report: dict[str, Any] = {"ReturnConsumedCapacity": "TOTAL"} if usage else {}

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        with _errors():
            answer = self._client.call(
                "GetItem",
                {
                    "TableName": self._name,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    "ConsistentRead": True,
                    **self._report,
                },
            )
        self._count("get", answer, read=True)
        found = answer.get("Item")
        return read_item(found) if found else None

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        items: list[dict[str, Any]] = []
        for start in range(0, len(wanted), 100):
            left: Any = {self._name: {"Keys": wanted[start : start + 100], "ConsistentRead": True}}
            for attempt in range(ATTEMPTS):
                with _errors():
                    answer = self._client.call("BatchGetItem", {"RequestItems": left, **self._report})
                self._count("get_many", answer, read=True)
                items += [read_item(item) for item in answer["Responses"].get(self._name, [])]
                left = answer.get("UnprocessedKeys")
                if not left:
                    break
                self._wait(attempt)
            else:
                raise Throttled("some keys stayed unread")
        return items

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        with _errors():
            answer = self._client.call(
                "PutItem",
                {"TableName": self._name, "Item": write_item(item), **_condition(expect), **self._report},
            )
        self._count("put", answer)

    def put_many(self, items: Sequence[Item]) -> None:
        if len({(item["pk"], item["sk"]) for item in items}) != len(items):
            raise ValueError("a batch must not write one key twice")
        self._write_many("put_many", [{"PutRequest": {"Item": write_item(item)}} for item in items])

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        if len(set(keys)) != len(keys):
            raise ValueError("a batch must not write one key twice")
        wanted = [{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in keys]
        self._write_many("delete_many", wanted)

    def _write_many(self, operation: str, requests: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(requests), 25):
            left: Any = {self._name: requests[start : start + 25]}
            for attempt in range(ATTEMPTS):
                with _errors():
                    answer = self._client.call("BatchWriteItem", {"RequestItems": left, **self._report})
                self._count(operation, answer)
                left = answer.get("UnprocessedItems")
                if not left:
                    break
                self._wait(attempt)
            else:
                raise Throttled("some items stayed unwritten")

    def transact(self, writes: Sequence[Write]) -> None:
        check_transaction(writes)
        puts = [
            {"Put": {"TableName": self._name, "Item": write_item(write.item), **_condition(write.expect)}}
            for write in writes
        ]
        with _errors():
            answer = self._client.call("TransactWriteItems", {"TransactItems": puts, **self._report})
        self._count("transact", answer)

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        with _errors():
            answer = self._client.call(
                "DeleteItem",
                {
                    "TableName": self._name,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    **_condition(expect),
                    **self._report,
                },
            )
        self._count("delete", answer)

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        clauses: dict[str, list[str]] = {"ADD": [], "SET": []}
        for place, (name, amount) in enumerate(amounts.items()):
            names[f"#a{place}"], values[f":a{place}"] = name, write_value(amount)
            clauses["ADD"].append(f"#a{place} :a{place}")
        for place, (name, value) in enumerate((set_to or {}).items()):
            names[f"#s{place}"], values[f":s{place}"] = name, write_value(value)
            clauses["SET"].append(f"#s{place} = :s{place}")
        with _errors():
            answer = self._client.call(
                "UpdateItem",
                {
                    "TableName": self._name,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    "UpdateExpression": " ".join(
                        f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts
                    ),
                    "ExpressionAttributeNames": names,
                    "ExpressionAttributeValues": values,
                    "ReturnValues": "UPDATED_NEW",
                    **self._report,
                },
            )
        self._count("add", answer)
        updated = read_item(answer.get("Attributes", {}))
        return {name: updated[name] for name in amounts}

    def query(
        self,
        pk: str,
        *,
        prefix: str | None = None,
        at_least: str | None = None,
        below: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        index: str | None = None,
        cursor: str | None = None,
    ) -> Page:
        partition, sort = KEYS[index] if index else ("pk", "sk")
        key_names = {"pk", "sk", partition, sort}
        if at_least is not None and below is not None and at_least >= below:
            return Page([])  # DynamoDB refuses an empty range
        condition, values = _range(prefix, at_least, below)
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "#p = :p" + condition,
            "ExpressionAttributeNames": {"#p": partition, **({"#s": sort} if condition else {})},
            "ExpressionAttributeValues": write_item({":p": pk, **values}),
            "ScanIndexForward": not newest_first,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **({"Limit": limit} if limit else {}),
            **self._report,
        }
        if cursor is not None:
            request["ExclusiveStartKey"] = write_item(read_cursor(cursor, key_names, (partition, pk)))
        try:
            with _errors():
                answer = self._client.call("Query", request)
        except RefusedByTable as refused:
            if cursor is None:
                raise
            raise InvalidCursor("the cursor belongs to another list; start again without it") from refused
        self._count("query", answer, read=True)
        last = answer.get("LastEvaluatedKey")
        # Below an upper bound the filter is done here: a key condition takes one range only, BETWEEN includes its end.
        items = [item for item in map(read_item, answer["Items"]) if below is None or item[sort] < below]
        return Page(items, write_cursor(read_item(last)) if last else None)

    def _count(self, operation: str, answer: Mapping[str, Any], *, read: bool = False) -> None:
        if self._usage is None:
            return
        consumed = answer.get("ConsumedCapacity") or []
        units = sum(part["CapacityUnits"] for part in (consumed if isinstance(consumed, list) else [consumed]))
        self._usage.add(operation, **{"read" if read else "write": units})

    def _wait(self, attempt: int) -> None:
        self._sleep(random.uniform(0.02, 0.05) * 2**attempt)  # noqa: S311 - jitter, not a secret


def _range(prefix: str | None, at_least: str | None, below: str | None) -> tuple[str, dict[str, str]]:
    match prefix, at_least, below:
        case str(), _, _:
            return " AND begins_with(#s, :x)", {":x": prefix}
        case _, str(), str():
            return " AND #s BETWEEN :x AND :y", {":x": at_least, ":y": below}
        case _, str(), _:
            return " AND #s >= :x", {":x": at_least}
        case _, _, str():
            return " AND #s < :x", {":x": below}
        case _:
            return "", {}


def _condition(expect: Item | None) -> dict[str, Any]:
    if not expect:
        return {}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    parts: list[str] = []
    for place, (name, value) in enumerate(expect.items()):
        names[f"#c{place}"] = name
        if value is None:
            parts.append(f"attribute_not_exists(#c{place})")
        else:
            values[f":c{place}"] = write_value(value)
            parts.append(f"#c{place} = :c{place}")
    return {
        "ConditionExpression": " AND ".join(parts),
        "ExpressionAttributeNames": names,
        **({"ExpressionAttributeValues": values} if values else {}),
    }


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except UnwritableRequest as refused:
        raise RefusedByTable("the table takes no text that is not Unicode") from refused
    except AwsRefused as refused:
        if refused.code == "ConditionalCheckFailedException":
            raise Conflict("the item is not what was expected") from refused
        if refused.code == "TransactionCanceledException":
            raise _cancelled(refused) from refused
        if refused.code in _THROTTLES:
            raise Throttled("the table throttles") from refused
        if refused.code == "ValidationException":
            raise RefusedByTable("the table refuses the request as it is") from refused
        raise


def _cancelled(refused: AwsRefused) -> Exception:
    """Why DynamoDB carried out nothing of a transaction: what will never be taken comes before what may be tried."""
    reasons = frozenset(refused.reasons)
    if "ValidationError" in reasons or "ItemCollectionSizeLimitExceeded" in reasons:
        return RefusedByTable("the table refuses an item of the transaction as it is")
    if reasons & {"ConditionalCheckFailed", "TransactionConflict"}:
        return Conflict("an item is not what was expected, or is being written")
    return Throttled("the table throttles")
