"""How a batch of a DynamoDB stream is tried: as AWS tries it, where MiniStack would lose or repeat records."""

from __future__ import annotations

import contextvars
import json
import logging
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cli.local.port_in_use import Execute

log = logging.getLogger("kervan")

PAUSE_SECONDS = 0.2
"""Between two tries of a failed stream batch. AWS waits longer; the order and the number of tries are the same."""
Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Tries batches of one mapping. A batch that fails is halved if the mapping bisects, and what is left is tried
    again up to its retries; then ``give_up`` sends the record of the failure and the stream goes on."""

    execute: Execute
    give_up: Callable[..., None]
    sleep: Callable[[float], None]
    func: dict[str, Any]
    mapping: dict[str, Any]

    def work(self, lane: Records) -> None:
        """All batches of a lane, in order."""
        size = int(self.mapping.get("BatchSize", len(lane)))
        for start in range(0, len(lane), size):
            self._deliver(lane[start : start + size], int(self.mapping["MaximumRetryAttempts"]))

    def _deliver(self, records: Records, tries: int) -> None:
        while records:
            result = self.execute(self.func, {"Records": records})
            first = _first_failed(result, records, self.mapping)
            if first is None:
                return
            log.warning(
                "a stream batch of %d failed at record %d: %s", len(records), first, result.get("log") or "no log"
            )
            if first:
                records = records[first:]
                continue
            if self.mapping.get("BisectBatchOnFunctionError") and len(records) > 1 and not result.get("throttle"):
                middle = len(records) // 2
                self._deliver(records[:middle], tries)
                records = records[middle:]
                continue
            if not result.get("throttle"):
                tries -= 1
            if tries < 0:
                source = records[0]["eventSourceARN"]
                self.give_up(self.mapping, self.func, records, source, result, "RetryAttemptsExhausted")
                return
            self.sleep(PAUSE_SECONDS)


def stream_aware(
    execute: Execute,
    mapping_of: Callable[[dict[str, Any], str], dict[str, Any] | None],
    give_up: Callable[..., None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Execute:
    """Wraps an executor, so that a batch of a DynamoDB stream is tried as AWS tries it.

    Records of different items are worked on side by side, in as many lanes as ``ParallelizationFactor`` says. Without a
    limit of retries the emulator's own retry stands.
    """

    def execute_once(func: Any, event: Any) -> dict[str, Any]:
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb":
            return execute(func, event)
        mapping = mapping_of(func, records[0].get("eventSourceARN", ""))
        limit = (mapping or {}).get("MaximumRetryAttempts")
        if mapping is None or limit is None or int(limit) < 0:
            return execute(func, event)
        delivery = Delivery(execute, give_up, sleep, func, mapping)
        lanes = lanes_of(records, int(mapping.get("ParallelizationFactor") or 1))
        if len(lanes) == 1:
            delivery.work(lanes[0])
            return {"body": None}
        with ThreadPoolExecutor(len(lanes)) as pool:
            for done in [pool.submit(contextvars.copy_context().run, delivery.work, lane) for lane in lanes]:
                done.result()
        return {"body": None}

    return execute_once


def lanes_of(records: list[dict[str, Any]], number: int) -> list[list[dict[str, Any]]]:
    """Records in at most ``number`` lists, those of one partition key together and in order."""
    lanes: list[list[dict[str, Any]]] = [[] for _ in range(number)]
    for record in records:
        key = json.dumps(record["dynamodb"].get("Keys", {}).get("pk"))
        lanes[zlib.crc32(key.encode()) % number].append(record)
    return [lane for lane in lanes if lane]


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
