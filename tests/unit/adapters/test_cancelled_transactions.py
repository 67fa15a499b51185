"""What DynamoDB's reasons for cancelling a transaction mean to who asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from shared.adapters.aws_errors import AwsRefused
from shared.adapters.aws_json import DYNAMODB, AwsJson
from shared.adapters.aws_settings import EnvironmentCredentials
from shared.adapters.dynamo import DynamoTable
from shared.adapters.http_transport import HttpAnswer
from shared.ports import Conflict, RefusedByTable, Throttled, Write

pytestmark = pytest.mark.unit
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
NAME = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"


class Cancelling:
    """A transport that cancels every transaction with these codes."""

    host, path = "dynamodb.eu-central-1.amazonaws.com", "/"

    def __init__(self, *codes: str) -> None:
        self.body = orjson.dumps({"__type": NAME, "CancellationReasons": [{"Code": code} for code in codes]})
        self.asked = 0

    def post(self, _headers: Mapping[str, str], _body: bytes) -> HttpAnswer:
        self.asked += 1
        return HttpAnswer(400, {}, self.body)


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        (("None", "ConditionalCheckFailed"), Conflict),
        (("TransactionConflict", "None"), Conflict),
        (("ThrottlingError", "ConditionalCheckFailed"), Conflict),
        (("None", "ThrottlingError"), Throttled),
        (("ProvisionedThroughputExceeded",), Throttled),
        (("ConditionalCheckFailed", "ValidationError"), RefusedByTable),
    ],
)
def test_each_reason_has_its_error(codes: tuple[str, ...], meant: type[Exception]) -> None:
    """What will never be taken comes first, then what may be decided again, then what may be sent again."""
    transport = Cancelling(*codes)
    client = AwsJson(DYNAMODB, "eu-central-1", transport, EnvironmentCredentials(KEYS))
    with pytest.raises(meant):
        DynamoTable(client, "stock").transact([Write({"pk": "p", "sk": "s"})])
    assert transport.asked == 1


@pytest.mark.parametrize("listed", [None, "none", [None, 7]])
def test_reasons_that_cannot_be_read_are_none(listed: Any) -> None:
    """An answer of another form gives no reasons, and no other error."""
    transport = Cancelling()
    transport.body = orjson.dumps({"__type": NAME, "CancellationReasons": listed})
    client = AwsJson(DYNAMODB, "eu-central-1", transport, EnvironmentCredentials(KEYS))
    with pytest.raises(AwsRefused) as refused:
        client.call("TransactWriteItems", {})
    assert refused.value.reasons == ()
