"""A Lambda function that is called without waiting for its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.aws import aws_client

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def lambda_client() -> LambdaClient:
    return cast("LambdaClient", aws_client("lambda"))


class LambdaCaller:
    """``Caller`` of one function. Lambda keeps the call and tries it again by itself."""

    def __init__(self, client: LambdaClient, name: str) -> None:
        self._client = client
        self._name = name

    def call(self, payload: Mapping[str, Any]) -> None:
        self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=json.dumps(payload).encode())
