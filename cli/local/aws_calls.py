"""Which AWS calls the functions of the local stack make, and whether their deployed roles permit them.

Each function signs with an access key of its own, its name. So every request that reaches the emulator says who made
it. What is kept is small and holds no personal data: function, action, resource, first word of the partition key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCESS_KEY = re.compile(r"Credential=([^/]+)/")
MOST_CALLS = 20_000
"""Different calls that are kept: the stack makes some hundred."""
_WORD = re.compile(r"[a-z]{1,20}")
_PARTITION = re.compile(r"^\s*(#?\w+)\s*=\s*(:\w+)")
_OF_TRANSACTIONS = {
    "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class AwsCall:
    """``key`` is the first word of a partition key, with ``#`` if more follows; ``-`` for other keys, "" for none."""

    function: str
    action: str
    resource: str
    key: str = ""


@dataclass
class AwsCalls:
    """The different calls of functions whose names begin with ``prefix``."""

    prefix: str
    made: set[AwsCall] = field(default_factory=set)

    def note(self, access_key: str, calls: Iterable[tuple[str, str, str]]) -> None:
        """Keep action, resource and key of the calls of one request. Requests of others are not kept."""
        if access_key.startswith(self.prefix) and len(self.made) < MOST_CALLS:
            self.made.update(AwsCall(access_key, *call) for call in calls)


def access_key_of(headers: Mapping[str, str]) -> str:
    """Who signed a request, or "". Names of headers are in small letters."""
    found = ACCESS_KEY.search(headers.get("authorization", ""))
    return found[1] if found else ""


def table_calls(operation: str, request: Mapping[str, Any], arn_of: Callable[[str], str]) -> set[tuple[str, str, str]]:
    """Action, resource and key of what a request to DynamoDB does: one for each table and first word of a key.

    Items of a transaction are authorized as the operations that they perform.
    """
    if operation.startswith("Transact"):
        items = [item for item in request.get("TransactItems", ()) if isinstance(item, dict)]
        return {
            call
            for item in items
            for member, single in _OF_TRANSACTIONS.items()
            if isinstance(item.get(member), dict)
            for call in table_calls(single, item[member], arn_of)
        }
    action = f"dynamodb:{operation}"
    if operation.startswith("Batch"):
        return {
            (action, arn_of(table), key)
            for table, asked in request.get("RequestItems", {}).items()
            for key in _batch_keys(asked)
        }
    index = request.get("IndexName")
    resource = arn_of(str(request.get("TableName", ""))) + (f"/index/{index}" if index else "")
    return {(action, resource, _single_key(request))}


def _batch_keys(asked: Any) -> set[str]:
    if isinstance(asked, Mapping):
        return {key_word(key.get("pk")) for key in asked.get("Keys", ())}
    written: list[Any] = [next(iter(one.values()), {}) for one in asked]
    return {key_word((one.get("Item") or one.get("Key") or {}).get("pk")) for one in written}


def _single_key(request: Mapping[str, Any]) -> str:
    found = _PARTITION.match(request.get("KeyConditionExpression") or "")
    if found:
        return key_word((request.get("ExpressionAttributeValues") or {}).get(found[2]))
    return key_word((request.get("Item") or request.get("Key") or {}).get("pk"))


def key_word(value: Any) -> str:
    """``campaign#`` of ``campaign#7``, ``controls`` of ``controls``, ``-`` of a digest or an id."""
    text = value.get("S", "") if isinstance(value, Mapping) else ""
    word, more, _ = text.partition("#")
    return word + more if _WORD.fullmatch(word) else "-"
