"""DynamoDB's client without a network: botocore does everything but the sending, and everything is taken."""

from __future__ import annotations

import io
import os
from typing import Any, cast

from botocore.awsrequest import AWSResponse

from shared.adapters.dynamo import DynamoTable, dynamo_client

REGION = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


def counting_table() -> tuple[DynamoTable, list[str]]:
    """The real adapter over the real client, cut off before the socket (after serialising and signing), and the
    operations of the requests that would have gone out."""
    os.environ.update({name: value for name, value in REGION.items() if name not in os.environ})
    client = dynamo_client()
    sent: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        sent.append(str(request.headers["X-Amz-Target"]))
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, cast("Any", _Raw(b"{}")))

    client.meta.events.register("before-send.dynamodb", answer)
    return DynamoTable(client, "customers"), sent


class _Raw(io.BytesIO):
    """What urllib3's answer is to botocore: a body that can be streamed."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class TakingClient:
    """A client that takes every batch at once: what is left is our own code."""

    def batch_write_item(self, **_: Any) -> dict[str, Any]:
        return {}


def own_code_table() -> DynamoTable:
    """The real adapter over a client that does nothing."""
    return DynamoTable(cast("Any", TakingClient()), "customers")
