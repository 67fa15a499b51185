"""One suite for the ways into the lake: the fake, and Firehose (moto); and what becomes of rows that are not taken."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.aws_errors import AwsRefused, AwsUnreachable
from shared.adapters.aws_json import FIREHOSE
from shared.adapters.lake_firehose import BODY_BYTES, RECORD_BYTES, RECORDS, REST_SECONDS, FirehoseLake
from shared.adapters.memory_lake import MemoryLake
from shared.adapters.sqs import SqsQueue
from shared.ports import Throttled
from shared.ports.lake import LakeWriter
from tests.support.moto_wire import REGION, boto3_client, moto_client, moto_queue_client

pytestmark = pytest.mark.contract


class Bucket:
    """Where moto's Firehose puts what it took."""

    def __init__(self) -> None:
        self.s3, firehose = boto3_client("s3"), boto3_client("firehose")
        self.s3.create_bucket(Bucket="kervan-lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        destination = {"RoleARN": "arn:aws:iam::123456789012:role/x", "BucketARN": "arn:aws:s3:::kervan-lake"}
        firehose.create_delivery_stream(DeliveryStreamName="lake", ExtendedS3DestinationConfiguration=destination)
        url = boto3_client("sqs").create_queue(QueueName="later")["QueueUrl"]
        self.writer = FirehoseLake(moto_client(FIREHOSE), "lake", SqsQueue(moto_queue_client(), url))

    def lines(self) -> list[bytes]:
        found: list[bytes] = []
        for one in self.s3.list_objects_v2(Bucket="kervan-lake").get("Contents", ()):
            body = self.s3.get_object(Bucket="kervan-lake", Key=one["Key"])["Body"].read()
            found += (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).splitlines()
        return found


@pytest.fixture(params=["memory", "firehose"])
def lake(request: pytest.FixtureRequest) -> Iterator[tuple[LakeWriter, Any]]:
    if request.param == "memory":
        memory = MemoryLake()
        yield memory, lambda: memory.lines
        return
    with mock_aws():
        bucket = Bucket()
        yield bucket.writer, bucket.lines


def test_every_line_arrives_as_it_was_given(lake: tuple[LakeWriter, Any]) -> None:
    """More than a record holds, letters of any alphabet, one line twice."""
    writer, lines = lake
    given = [f'{{"table":"events","text":"ğüş","n":{n % 2000}}}'.encode() + b" " * 500 for n in range(2_001)]
    writer.hand_on(given)
    assert sorted(line.rstrip() for line in lines()) == sorted(line.rstrip() for line in given)


class Wire:
    """Firehose that answers as a test says."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.requests: list[list[bytes]] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "PutRecordBatch"
        self.requests.append([record["Data"] for record in request["Records"]])
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: dict[str, Any] = self.answer(request["Records"])
        return answer


def taken(records: list[Any]) -> dict[str, Any]:
    return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "x"} for _ in records]}


def but_the_first(records: list[Any]) -> dict[str, Any]:
    said = [{"ErrorCode": "ServiceUnavailableException"}, *({"RecordId": "x"} for _ in records[1:])]
    return {"FailedPutCount": 1, "RequestResponses": said}


class Waiting:
    def __init__(self, error: Exception | None = None) -> None:
        self.bodies: list[str] = []
        self.error = error

    def send_many(self, bodies: Iterable[str]) -> None:
        if self.error is not None:
            raise self.error
        self.bodies += bodies


LINES = [f'{{"n":{n}}}'.encode() + b"." * 1_000 for n in range(3_000)]


def test_lines_are_packed() -> None:
    """Firehose bills records in steps of 5 KB: few records, none beyond its limit, few requests."""
    wire, queue = Wire(taken), Waiting()
    FirehoseLake(wire, "lake", queue).hand_on(LINES)
    (records,) = wire.requests
    assert b"".join(records).splitlines() == LINES
    assert len(records) <= RECORDS
    assert max(map(len, records)) <= RECORD_BYTES
    assert not queue.bodies
    FirehoseLake(wire, "lake", queue).hand_on(LINES * 2)
    assert len(wire.requests) == 3
    assert sum(map(len, wire.requests[1])) <= 4 * 1024 * 1024


@pytest.mark.parametrize("error", [AwsRefused("PutRecordBatch", "ServiceUnavailable", 503), AwsUnreachable("gone")])
def test_what_is_not_taken_waits(error: Exception) -> None:
    """Whatever Firehose says: every line is in the queue, in messages that it takes."""
    queue = Waiting()
    FirehoseLake(Wire(error), "lake", queue).hand_on(LINES)
    assert [line.encode() for body in queue.bodies for line in body.splitlines()] == LINES
    assert max(len(body.encode()) for body in queue.bodies) <= BODY_BYTES


def test_only_what_was_not_taken_waits() -> None:
    wire, queue = Wire(but_the_first), Waiting()
    FirehoseLake(wire, "lake", queue).hand_on(LINES)
    assert "".join(queue.bodies).encode() == wire.requests[0][0]


def test_the_caller_hears_when_nobody_takes_it() -> None:
    """Then the work is done again: nothing is lost in silence."""
    with pytest.raises(Throttled):
        FirehoseLake(Wire(AwsUnreachable("gone")), "lake", Waiting(Throttled("full"))).hand_on(LINES)


class Hours:
    """A clock of seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_decides_is_never_held_up() -> None:
    """With somebody who hears of what is lost, nothing is raised; and who failed is left alone for a minute."""
    lost: list[int] = []
    wire, queue, clock = Wire(AwsUnreachable("gone")), Waiting(Throttled("full")), Hours()
    lake = FirehoseLake(wire, "lake", queue, lost=lost.append, monotonic=clock)
    lake.hand_on(LINES[:5])
    lake.hand_on(LINES[:7])
    assert lost == [5, 7]
    assert len(wire.requests) == 1
    queue.error = None
    lake.hand_on(LINES[:2])
    assert lost == [5, 7, 2]  # the queue rests too
    clock.now = REST_SECONDS + 1
    lake.hand_on(LINES[:3])
    assert (len(wire.requests), len(lost)) == (2, 3)
    assert [line.encode() for body in queue.bodies for line in body.splitlines()] == LINES[:3]
    wire.answer = taken
    clock.now = 2 * REST_SECONDS + 2
    lake.hand_on(LINES[:1])
    assert (len(wire.requests), len(lost), len(queue.bodies)) == (3, 3, 1)


def test_a_queue_that_fails_in_its_own_way_is_heard_of_too() -> None:
    """Whatever it raises: the network, a right that lacks, a mistake of ours."""
    for error in (ConnectionError(), AwsRefused("SendMessageBatch", "AccessDenied", 403), ValueError()):
        lost: list[int] = []
        lake = FirehoseLake(Wire(AwsUnreachable("gone")), "lake", Waiting(error), lost=lost.append)
        lake.hand_on(LINES[:4])
        assert lost == [4]


def test_bodies_of_the_queue_are_offered_in_one_request() -> None:
    """Ten messages of the queue, of 180 KB each; the answer says which were taken."""
    wire = Wire(but_the_first)
    took = FirehoseLake(wire, "lake", Waiting()).offer([b"x" * BODY_BYTES] * 10)
    assert took == [False, *[True] * 9]
    assert len(wire.requests) == 1
    many = FirehoseLake(Wire(taken), "lake", Waiting()).offer([b"x"] * 1_200)
    assert many == [True] * 1_200


def test_bytes_go_as_base64() -> None:
    from shared.adapters.aws_json import _written

    assert base64.b64encode(b'{"n":1}\n') in _written({"Records": [{"Data": b'{"n":1}\n'}]})
