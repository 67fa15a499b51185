"""Rows of the lake on their way through Amazon Data Firehose; what it does not take waits in a queue."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence

from shared.adapters.aws_clients import firehose_client, lake_queue_client
from shared.adapters.aws_errors import AwsError
from shared.adapters.dynamo import Client
from shared.adapters.error_kinds import kind_of
from shared.adapters.sqs import SqsQueue
from shared.ports import Queue

log = logging.getLogger("kervan.lake")

RECORD_BYTES = 900_000
"""Firehose takes 1,000 KB in a record, and bills each in steps of 5 KB: lines are packed."""
RECORDS = 4
"""In a request, of which Firehose takes 4 MiB."""
MOST_RECORDS = 500
"""Of a request, as Firehose takes them."""
BODY_BYTES = 180_000
"""SQS takes 256 KB in a message."""
REST_SECONDS = 60.0
"""How long a service that failed is not asked again by this environment."""


class FirehoseLake:
    """``LakeWriter`` on a Firehose stream: one request for what an invocation usually has.

    Parameters
    ----------
    lost
        For who must not be held up: hears how many lines neither Firehose nor the queue took, in place of an error.
        ``kervan lake rebuild`` brings them back from the log and the ledger. Without it ``hand_on`` raises.
    """

    def __init__(
        self,
        client: Client,
        stream: str,
        later: Queue,
        *,
        lost: Callable[[int], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._stream = stream
        self._later = later
        self._lost = lost
        self._monotonic = monotonic
        self._stream_rests = self._queue_rests = 0.0

    def hand_on(self, lines: Sequence[bytes]) -> None:
        """Raises what the queue raises, if neither takes something and nobody is to hear of what is lost."""
        left = self._offer(list(packed(lines, RECORD_BYTES)))
        if not left:
            return
        waiting = [line for record in left for line in record.split(b"\n")[:-1]]
        if self._lost is None:
            self._wait(waiting)
            return
        try:
            if self._monotonic() < self._queue_rests:
                raise ConnectionError("the queue failed a moment ago")
            self._wait(waiting)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop who decides
            self._queue_rests = max(self._queue_rests, self._monotonic() + REST_SECONDS)
            log.error("rows of the lake are lost: %d, %s", len(waiting), kind_of(error))
            self._lost(len(waiting))

    def offer(self, records: Sequence[bytes]) -> list[bool]:
        """Whether Firehose took each of these records of at most RECORD_BYTES; never raises for its errors."""
        took: list[bool] = []
        for start, end in _requests(records):
            took += self._put(records[start:end])
        return took

    def _offer(self, records: Sequence[bytes]) -> list[bytes]:
        """The records that were not taken."""
        if self._monotonic() < self._stream_rests:
            return list(records)
        left = [record for record, took in zip(records, self.offer(records), strict=True) if not took]
        if left:
            log.warning("rows of the lake wait: %d of %d records were not taken", len(left), len(records))
            self._stream_rests = self._monotonic() + REST_SECONDS
        return left

    def _put(self, records: Sequence[bytes]) -> list[bool]:
        request = {"DeliveryStreamName": self._stream, "Records": [{"Data": record} for record in records]}
        try:
            answer = self._client.call("PutRecordBatch", request)
        except AwsError as error:
            log.warning("Firehose takes nothing: %s", kind_of(error))
            return [False] * len(records)
        if not answer.get("FailedPutCount"):
            return [True] * len(records)
        said = answer.get("RequestResponses", [])
        return [place < len(said) and "RecordId" in said[place] for place in range(len(records))]

    def _wait(self, lines: Sequence[bytes]) -> None:
        self._later.send_many(body.decode() for body in packed(lines, BODY_BYTES))


def firehose_lake(stream: str, later: str, *, lost: Callable[[int], None] | None = None) -> FirehoseLake:
    """As the environment says. ``later``: url of the queue in which rows wait."""
    queue = SqsQueue(lake_queue_client(), later, attempts=1)
    return FirehoseLake(firehose_client(), stream, queue, lost=lost)


def packed(lines: Sequence[bytes], most: int) -> Iterator[bytes]:
    """Lines joined to texts of at most so many bytes, each line with its break; one that is longer alone."""
    pack: list[bytes] = []
    size = 0
    for line in lines:
        if pack and size + len(line) + 1 > most:
            yield b"\n".join(pack) + b"\n"
            pack, size = [], 0
        pack.append(line)
        size += len(line) + 1
    if pack:
        yield b"\n".join(pack) + b"\n"


def _requests(records: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where each request begins and ends: RECORDS large records, or more small ones."""
    start = size = 0
    for place, record in enumerate(records):
        if place > start and (size + len(record) > RECORDS * RECORD_BYTES or place - start == MOST_RECORDS):
            yield start, place
            start, size = place, 0
        size += len(record)
    if start < len(records):
        yield start, len(records)
