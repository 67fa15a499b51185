"""What a request to DynamoDB asks for is written down without anything of a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.local.aws_calls import MOST_CALLS, AwsCall, AwsCalls, access_key_of, key_word, table_calls

pytestmark = pytest.mark.unit
HEAD = "AWS4-HMAC-SHA256 Credential=kervan-local-admin/20261130/eu-central-1/dynamodb/aws4_request, SignedHeaders=x"


def arn(table: str) -> str:
    return f"arn:{table}"


def key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}}


CASES: list[tuple[str, dict[str, Any], set[tuple[str, str, str]]]] = [
    ("GetItem", {"TableName": "t", "Key": key("controls")}, {("dynamodb:GetItem", "arn:t", "controls")}),
    ("PutItem", {"TableName": "t", "Item": key("campaign#7")}, {("dynamodb:PutItem", "arn:t", "campaign#")}),
    ("DeleteItem", {"TableName": "t", "Key": key("9f3ab2")}, {("dynamodb:DeleteItem", "arn:t", "-")}),
    (
        "Query",
        {
            "TableName": "t",
            "IndexName": "live",
            "KeyConditionExpression": "#p = :p AND begins_with(#s, :x)",
            "ExpressionAttributeValues": {":p": {"S": "release"}, ":x": {"S": "a#b"}},
        },
        {("dynamodb:Query", "arn:t/index/live", "release")},
    ),
    (
        "BatchGetItem",
        {"RequestItems": {"a": {"Keys": [key("sku#1"), key("sku#2")]}, "b": {"Keys": [key("levels")]}}},
        {("dynamodb:BatchGetItem", "arn:a", "sku#"), ("dynamodb:BatchGetItem", "arn:b", "levels")},
    ),
    (
        "BatchWriteItem",
        {"RequestItems": {"a": [{"PutRequest": {"Item": key("x#1")}}, {"DeleteRequest": {"Key": key("y")}}]}},
        {("dynamodb:BatchWriteItem", "arn:a", "x#"), ("dynamodb:BatchWriteItem", "arn:a", "y")},
    ),
    (
        "TransactWriteItems",
        {"TransactItems": [
            {"Put": {"TableName": "a", "Item": key("x")}},
            {"ConditionCheck": {"TableName": "b", "Key": key("z#1")}},
        ]},
        {("dynamodb:PutItem", "arn:a", "x"), ("dynamodb:ConditionCheckItem", "arn:b", "z#")},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "request_", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_operation_is_the_right_that_it_needs(
    operation: str, request_: dict[str, Any], expected: set[tuple[str, str, str]]
) -> None:
    """Items of a transaction and tables of a batch are authorized alone."""
    assert table_calls(operation, request_, arn) == expected


@given(st.text(max_size=40))
def test_a_key_says_no_more_than_its_first_word(text: str) -> None:
    """A digest, an address or a number is none: it becomes `-`."""
    said = key_word({"S": text})
    assert said == "-" or (text.startswith(said) and said.rstrip("#").isascii() and said.rstrip("#").isalpha())


@pytest.mark.parametrize("text", ["ayse@example.com", "+905551112233", "u.ATd1JVTrf8UP2IxPEBwekQ", "", "user:42#x"])
def test_what_names_a_person_is_not_kept(text: str) -> None:
    """Neither alone nor before a `#`."""
    assert key_word({"S": text}) == key_word({"S": f"{text}#more"}) == "-"


def test_only_functions_of_the_stack_are_noted_and_only_so_many() -> None:
    """The command and CDK use the emulator too; nobody can fill its memory."""
    calls = AwsCalls("kervan-local-")
    calls.note("test", [("dynamodb:Scan", "t", "")])
    assert calls.made == set()
    calls.note(access_key_of({"authorization": HEAD}), [("dynamodb:Query", "t", "a")])
    assert calls.made == {AwsCall("kervan-local-admin", "dynamodb:Query", "t", "a")}
    for number in range(MOST_CALLS + 5):
        calls.note("kervan-local-admin", [("dynamodb:Query", "t", str(number))])
    assert len(calls.made) == MOST_CALLS
    assert access_key_of({}) == ""
