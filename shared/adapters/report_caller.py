"""``Reports`` of a Lambda function that is called and waited for."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.aws import aws_client
from shared.adapters.error_kinds import kind_of
from shared.ports import Throttled

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

log = logging.getLogger("kervan.reports")

WAIT_SECONDS = 23
"""The function has less; whoever calls it has 25."""


def report_client() -> LambdaClient:
    """It calls once: a report that is asked for twice costs twice."""
    from botocore.config import Config

    once = Config(read_timeout=WAIT_SECONDS, connect_timeout=2, retries={"total_max_attempts": 1})
    return cast("LambdaClient", aws_client("lambda", once))


class ReportCaller:
    """``Reports`` by the function of this name."""

    def __init__(self, client: LambdaClient, name: str) -> None:
        self._client = client
        self._name = name

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(question).encode())
            failed, body = answer.get("FunctionError"), answer["Payload"].read()
        except (ClientError, BotoCoreError) as error:
            log.warning("no report: %s", kind_of(error))
            raise Throttled("no report now") from error
        if failed:  # its text may name what was asked
            log.warning("no report: the function failed")
            raise Throttled("no report now")
        found: Mapping[str, Any] = json.loads(body)
        return found
