"""Where MiniStack differs from AWS in a way that loses data, it is put right here.

1. A compressed request body with a text content type reaches the function base64-encoded, not decoded as text.
2. A stream function's ``batchItemFailures``, its mapping's ``MaximumRetryAttempts`` and bisecting are honoured, and its
   batches are filled with records that pass the filter.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway, dynamodb, lambda_svc

from cli.local.port_in_use import Execute, Taken

compressed: ContextVar[bool] = ContextVar("compressed", default=False)
"""True while a request with a Content-Encoding is served."""

log = logging.getLogger("kervan")

READ = 10
"""Records read for one that fits into a batch: the emulator filters after it has counted, which makes batches tiny."""

PAUSE_SECONDS = 0.2
"""Between two tries of a failed stream batch. AWS waits longer; the order and the number of tries are the same."""


def install(taken: Taken) -> None:
    """Puts the repairs into this process, and counts what functions take; call once, before the server starts."""
    is_text = apigateway._v2_request_body_is_text
    apigateway._v2_request_body_is_text = lambda kind: not compressed.get() and is_text(kind)
    since = dynamodb.stream_records_since
    dynamodb.stream_records_since = lambda table, position, limit, **where: since(
        table, position, limit * READ, **where
    )
    lambda_svc._execute_function = stream_aware(taken.counting(lambda_svc._execute_function), _mapping_of, _give_up)


def stream_aware(
    execute: Execute,
    mapping_of: Callable[[dict[str, Any], str], dict[str, Any] | None],
    give_up: Callable[..., None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Execute:
    """Wraps an executor, so that a batch of a DynamoDB stream is tried as AWS tries it.

    A batch that fails is halved if the mapping bisects, and what is left is tried again up to its retries; then
    ``give_up`` sends the record of the failure and the stream goes on. Without a limit the emulator's own retry stands.
    """

    def deliver(func: dict[str, Any], records: list[dict[str, Any]], mapping: dict[str, Any], tries: int) -> None:
        while records:
            result = execute(func, {"Records": records})
            first = _first_failed(result, records, mapping)
            if first is None:
                return
            log.warning(
                "a stream batch of %d failed at record %d: %s", len(records), first, result.get("log") or "no log"
            )
            if first:
                records = records[first:]
                continue
            if mapping.get("BisectBatchOnFunctionError") and len(records) > 1 and not result.get("throttle"):
                middle = len(records) // 2
                deliver(func, records[:middle], mapping, tries)
                records = records[middle:]
                continue
            if not result.get("throttle"):
                tries -= 1
            if tries < 0:
                give_up(mapping, func, records, records[0]["eventSourceARN"], result, "RetryAttemptsExhausted")
                return
            sleep(PAUSE_SECONDS)

    def execute_once(func: Any, event: Any) -> dict[str, Any]:
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb":
            return execute(func, event)
        mapping = mapping_of(func, records[0].get("eventSourceARN", ""))
        limit = (mapping or {}).get("MaximumRetryAttempts")
        if mapping is None or limit is None or int(limit) < 0:
            return execute(func, event)
        size = int(mapping.get("BatchSize", len(records)))
        for start in range(0, len(records), size):
            deliver(func, records[start : start + size], mapping, int(limit))
        return {"body": None}

    return execute_once


def _first_failed(result: dict[str, Any], records: list[dict[str, Any]], mapping: dict[str, Any]) -> int | None:
    """The place of the first record that was not processed, or None if all were."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    failed = {failure.get("itemIdentifier") for failure in failures or []}
    if not failed:
        return None
    places = [place for place, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in failed]
    return min(places, default=0)


def _mapping_of(func: dict[str, Any], source: str) -> dict[str, Any] | None:
    name = (func.get("config") or func).get("FunctionName")
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == source and mapping.get("FunctionName") == name:
            return dict(mapping)
    return None


def _give_up(*details: Any) -> None:
    lambda_svc._send_ddb_stream_failure_record(*details)
