"""Clients of DynamoDB without a network: everything is done but the sending, and everything is taken."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from botocore.config import Config

from shared.adapters.aws import session
from shared.adapters.aws_json import DYNAMODB, AwsJson
from shared.adapters.aws_settings import EnvironmentCredentials
from shared.adapters.dynamo import DynamoTable
from shared.adapters.http_transport import HttpAnswer

REGION = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
HEADERS = {"content-type": "application/x-amz-json-1.0"}


class NullTransport:
    """Takes what was signed and written; answers the same each time."""

    host, path = "dynamodb.us-east-1.amazonaws.com", "/"

    def __init__(self, answer: bytes = b"{}") -> None:
        self.answer = HttpAnswer(200, HEADERS, answer)
        self.sent: list[str] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        self.sent.append(headers["X-Amz-Target"])
        return self.answer


def lean_client(transport: NullTransport) -> AwsJson:
    """Our own client, cut off before the socket."""
    return AwsJson(DYNAMODB, "us-east-1", transport, EnvironmentCredentials(REGION))


def counting_table() -> tuple[DynamoTable, list[str]]:
    """The real adapter, cut off before the socket, and the operations of the requests that would have gone out."""
    transport = NullTransport()
    return DynamoTable(lean_client(transport), "customers"), transport.sent


class BotocoreClient:
    """``Client`` over botocore as everybody makes it, cut off before the socket: the yardstick of the wire."""

    def __init__(self, answer: bytes = b"{}") -> None:
        os.environ.update({name: value for name, value in REGION.items() if name not in os.environ})
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=5)
        client: Any = session().create_client("dynamodb", config=config)

        def respond(request: Any, **_: Any) -> Any:
            return AWSResponse(request.url, 200, cast("Any", HEADERS), cast("Any", _Raw(answer)))

        client.meta.events.register("before-send.dynamodb", respond)
        self._operations = {
            "BatchWriteItem": client.batch_write_item,
            "GetItem": client.get_item,
            "PutItem": client.put_item,
            "Query": client.query,
            "TransactWriteItems": client.transact_write_items,
            "UpdateItem": client.update_item,
        }

    def call(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._operations[operation](**request))


class _Raw(io.BytesIO):
    """What urllib3's answer is to botocore: a body that can be streamed."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class TakingClient:
    """A client that takes every batch at once: what is left is our own code."""

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return {}


def own_code_table() -> DynamoTable:
    """The real adapter over a client that does nothing."""
    return DynamoTable(TakingClient(), "customers")
