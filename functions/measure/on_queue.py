"""The Lambda function on the queue of rows that Firehose did not take: it offers them again until they are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from functions.measure.handing_settings import lake_of_environment
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, body_of, offered_again


class Stream(Protocol):
    def offer(self, records: Sequence[bytes]) -> list[bool]:
        """Whether each record was taken."""


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """A message holds lines of rows; all messages of a batch go with one request. One that is not taken stays."""
    return respond(event, lake_of_environment())


def respond(event: Mapping[str, Any], stream: Stream) -> Failures:
    records = event["Records"]
    took = stream.offer([body_of(record).encode() for record in records])
    return offered_again(record["messageId"] for record, ok in zip(records, took, strict=True) if not ok)
