"""Rows of the lake on their way through Amazon Data Firehose; what it does not take waits in a queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from shared.adapters.aws_clients import firehose_client, sqs_client
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
BODY_BYTES = 180_000
"""SQS takes 256 KB in a message."""


class FirehoseLake:
    """``LakeWriter`` on a Firehose stream: one request for what an invocation usually has."""

    def __init__(self, client: Client, stream: str, later: Queue) -> None:
        self._client = client
        self._stream = stream
        self._later = later

    def hand_on(self, lines: Sequence[bytes]) -> None:
        """Raises what the queue raises, if neither takes something."""
        records = list(packed(lines, RECORD_BYTES))
        left: list[bytes] = []
        for start in range(0, len(records), RECORDS):
            left += self._offer(records[start : start + RECORDS])
        if left:
            bodies = (body for record in left for body in packed(record.split(b"\n")[:-1], BODY_BYTES))
            self._later.send_many(body.decode() for body in bodies)

    def _offer(self, records: Sequence[bytes]) -> Sequence[bytes]:
        """The records that were not taken."""
        request = {"DeliveryStreamName": self._stream, "Records": [{"Data": record} for record in records]}
        try:
            answer = self._client.call("PutRecordBatch", request)
        except AwsError as trouble:
            log.warning("rows of the lake wait: %s", kind_of(trouble))
            return records
        if not answer.get("FailedPutCount"):
            return []
        said = answer.get("RequestResponses", [])
        left = [record for record, one in zip(records, said, strict=True) if "RecordId" not in one]
        log.warning("rows of the lake wait: %d of %d records were not taken", len(left), len(records))
        return left


def firehose_lake(stream: str, later: str) -> FirehoseLake:
    """As the environment says. ``later``: url of the queue in which rows wait."""
    return FirehoseLake(firehose_client(), stream, SqsQueue(sqs_client(), later))


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
