"""The fast way of answering queries answers as the emulator's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb

from cli.local.fast_query import with_fast_query

TABLE = "fast-queries"
TEXT = st.text("at#0\u00e7\U0001f600", min_size=1, max_size=3)
FORMS = (
    "#p = :p", "#p = :p AND #s < :x", "#p = :p AND #s >= :x", "#p = :p AND #s BETWEEN :x AND :y",
    "#p = :p AND begins_with(#s, :x)", "#p = :p AND #s > :x",
)  # fmt: skip
MORE = st.sampled_from(
    [{}, {"ScanIndexForward": False}, {"ConsistentRead": True}, {"Limit": 1}, {"ReturnConsumedCapacity": "TOTAL"}]
)


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    made = {"TableName": TABLE, "KeySchema": keys, "AttributeDefinitions": types, "BillingMode": "PAY_PER_REQUEST"}
    assert dynamodb._create_table(made)[0] == 200
    yield
    dynamodb._delete_table({"TableName": TABLE})


def ask(query: Any, request: dict[str, Any]) -> tuple[int, Any]:
    status, _headers, body = query(request)
    return status, json.loads(body)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), TEXT), max_size=12), st.sampled_from(FORMS), st.sampled_from("abc"), TEXT,
    TEXT, MORE, st.sampled_from([{}, {":x": {"N": "1"}}, {":z": {"S": "unused"}}]),
)  # fmt: skip
def test_the_answers_are_the_same(
    keys: list[tuple[str, str]], form: str, p: str, x: str, y: str, more: dict[str, Any], odd: dict[str, Any]
) -> None:
    """For every form and option, also those that are left to the emulator, and for values of another type."""
    dynamodb._tables[TABLE]["items"].clear()
    for number, (pk, sk) in enumerate(keys):
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "data": {"B": "QUJD"}, "n": {"N": str(number)}}
        assert dynamodb._put_item({"TableName": TABLE, "Item": item})[0] == 200
    values = {":p": {"S": p}, ":x": {"S": x}, ":y": {"S": y}} | odd
    request = {
        "TableName": TABLE,
        "KeyConditionExpression": form,
        "ExpressionAttributeNames": {"#p": "pk"} | ({"#s": "sk"} if "#s" in form else {}),
        "ExpressionAttributeValues": {name: value for name, value in values.items() if name in form or name == ":z"},
    } | more
    fast = with_fast_query(dynamodb._query, dynamodb._tables.get)
    assert ask(fast, request) == ask(dynamodb._query, request)


def test_a_large_page_is_left_to_the_emulator() -> None:
    """Where a page ends, DynamoDB's own sizes decide."""
    dynamodb._tables[TABLE]["items"].clear()
    for number in range(4):
        item = {"pk": {"S": "a"}, "sk": {"S": str(number)}, "data": {"S": "x" * 390_000}}
        assert dynamodb._put_item({"TableName": TABLE, "Item": item})[0] == 200
    request = {
        "TableName": TABLE, "KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "pk"},
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }  # fmt: skip
    found = ask(with_fast_query(dynamodb._query, dynamodb._tables.get), request)[1]
    assert len(found["Items"]) < 4
    assert "LastEvaluatedKey" in found
