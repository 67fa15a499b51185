"""The queries that our functions make most, answered without the emulator's long checks.

A query of the table itself, with a key condition as ``shared.adapters.dynamo`` writes it and nothing else, makes up
half of the requests and took most of their time. Every other query is left to the emulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from cli.local.key_conditions import FORM

Answer = tuple[int, dict[str, str], bytes]
Query = Callable[[dict[str, Any]], Answer]

KNOWN = frozenset(
    {
        "TableName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
        "ScanIndexForward", "ConsistentRead",
    }
)  # fmt: skip
PAGE_BYTES = 500_000
"""Half a page of DynamoDB: where its size in JSON is more, the emulator decides where the page ends."""
HEADERS = {"Content-Type": "application/x-amz-json-1.0"}


def with_fast_query(query: Query, table_of: Callable[[str], Mapping[str, Any] | None]) -> Query:
    """Wraps the emulator's query; the answers are the same."""

    def answered(data: dict[str, Any]) -> Answer:
        items = _items(data, table_of) if data.keys() <= KNOWN else None
        if items is None:
            return query(data)
        body = orjson.dumps({"Items": items, "Count": len(items), "ScannedCount": len(items)})
        return (200, dict(HEADERS), body) if len(body) < PAGE_BYTES else query(data)

    return answered


def _items(data: dict[str, Any], table_of: Callable[[str], Mapping[str, Any] | None]) -> list[Any] | None:
    """None if this is not a query of the known form."""
    form = FORM.fullmatch(data.get("KeyConditionExpression") or "")
    try:
        table = table_of(data["TableName"])
        if form is None or table is None:
            return None
        names, values = data["ExpressionAttributeNames"], data["ExpressionAttributeValues"]
        texts = {name: value["S"] for name, value in values.items() if len(value) == 1 and value["S"]}
        sort_name = form["s"] or form["bs"] or form["ps"]
        wanted = {form["p"]: table["pk_name"]} | ({sort_name: table["sk_name"]} if sort_name else {})
        used = {name for name in (form["pv"], form["v"], form["low"], form["high"], form["prefix"]) if name}
        if names != wanted or texts.keys() != used or values.keys() != used:
            return None
        bucket = table["items"].get(texts[form["pv"]], {})
        holds = _test(form, texts)
        if holds is None or not all(isinstance(key, str) for key in bucket):
            return None
    except (KeyError, TypeError, AttributeError):
        return None
    keys = sorted((key for key in bucket if holds(key)), reverse=not data.get("ScanIndexForward", True))
    return [bucket[key] for key in keys]


def _test(form: Any, texts: Mapping[str, str]) -> Callable[[str], bool] | None:
    """What a sort key must pass; None if the emulator would refuse the bounds."""
    if form["op"]:
        bound = texts[form["v"]]
        return (lambda key: key < bound) if form["op"] == "<" else (lambda key: key >= bound)
    if form["low"]:
        low, high = texts[form["low"]], texts[form["high"]]
        return None if low > high else lambda key: low <= key <= high
    if form["prefix"]:
        prefix = texts[form["prefix"]]
        return lambda key: key.startswith(prefix)
    return lambda _key: True
