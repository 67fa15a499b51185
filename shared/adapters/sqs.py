"""A queue on SQS: ten messages in a request, what was not taken is offered again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from shared.adapters.aws_errors import AwsRefused
from shared.adapters.dynamo import Client
from shared.ports import Throttled

BATCH = 10
BATCH_BYTES = 200_000
"""SQS takes 256 KB in a request."""
ATTEMPTS = 5
LONGEST_DELAY = 900
"""Seconds, SQS's most."""
_THROTTLES = frozenset({"RequestThrottled", "ThrottlingException", "OverLimit", "ServiceUnavailable", "InternalError"})


class SqsQueue:
    """``Queue`` on SQS (standard): at least once, in any order."""

    def __init__(
        self, client: Client, url: str, *, attempts: int = ATTEMPTS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._url = url
        self._attempts = attempts
        self._sleep = sleep

    def send_many(self, bodies: Iterable[str]) -> None:
        """Durable when it returns.

        Raises
        ------
        Throttled
            If the queue does not take all of them; some may have been taken: send again, the readers are idempotent.
        """
        for batch in _batches(bodies):
            self._send([{"Id": str(place), "MessageBody": body} for place, body in enumerate(batch)])

    def send_paced(self, bodies: Sequence[str], first: timedelta, every: timedelta) -> None:
        """As ``send_many``, for texts that are read one after the other, by SQS's delays."""
        due = first
        for batch in _batches(bodies):
            entries = []
            for number, body in enumerate(batch):
                delay = min(int(due.total_seconds()), LONGEST_DELAY)
                entries.append({"Id": str(number), "MessageBody": body} | ({"DelaySeconds": delay} if delay else {}))
                due += every
            self._send(entries)

    def send_later(self, body: str, delay: timedelta) -> None:
        """As ``send_many``, for a text that is read after ``delay`` at the earliest."""
        self._send([{"Id": "0", "MessageBody": body, "DelaySeconds": int(delay.total_seconds())}])

    def hide(self, receipt: str, length: timedelta) -> None:
        """Keep a message that was received from being received again for ``length``, at most 12 hours."""
        how = {"QueueUrl": self._url, "ReceiptHandle": receipt, "VisibilityTimeout": int(length.total_seconds())}
        self._client.call("ChangeMessageVisibility", how)

    def _send(self, entries: list[Any]) -> None:
        left = entries
        for attempt in range(self._attempts):
            left = self._offer(left)
            if not left:
                return
            self._sleep(random.uniform(0.02, 0.05) * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise Throttled("the queue did not take everything")

    def _offer(self, entries: list[Any]) -> list[Any]:
        try:
            answer = self._client.call("SendMessageBatch", {"QueueUrl": self._url, "Entries": entries})
        except AwsRefused as refused:
            if refused.code in _THROTTLES:
                return entries
            raise
        failed = {refused["Id"] for refused in answer.get("Failed", [])}
        return [entry for entry in entries if entry["Id"] in failed]


def _batches(bodies: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if batch and (len(batch) == BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        yield batch
