"""Dead letters: one suite for the queue on SQS (moto) and for the one in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from shared.adapters.change_stream import DynamoChangeStream
from shared.adapters.letter_queue_sqs import SqsLetterQueue
from shared.adapters.memory_letters import MemoryLetterQueue
from shared.ports.dead_letters import Held, LetterQueue, StreamChange, StreamGone
from tests.support.moto_wire import boto3_client, moto_queue_client

pytestmark = pytest.mark.contract
Add = Callable[[str], object]


@pytest.fixture(params=["sqs", "memory"])
def queue(request: pytest.FixtureRequest) -> Iterator[tuple[LetterQueue, Add]]:
    """A queue, and how a letter comes into it."""
    if request.param == "memory":
        memory = MemoryLetterQueue()
        yield memory, memory.add
        return
    with mock_aws():
        client = boto3_client("sqs")
        url = client.create_queue(QueueName="q")["QueueUrl"]
        yield SqsLetterQueue(moto_queue_client(), url), lambda body: client.send_message(QueueUrl=url, MessageBody=body)


def all_of(letters: LetterQueue) -> list[Held]:
    found: list[Held] = []
    while held := letters.receive(10):
        found += held
    return found


def test_letters_are_taken_once_until_they_are_put_back(queue: tuple[LetterQueue, Add]) -> None:
    """23 letters, at most ten at once, each hidden from who asks next; put back, all are there again."""
    letters, add = queue
    bodies = [f'{{"n": {number}}}' for number in range(23)]
    for body in bodies:
        add(body)
    assert letters.waiting() == 23
    held = all_of(letters)
    assert sorted(one.body for one in held) == sorted(bodies)
    assert letters.waiting() == 23
    letters.put_back(held)
    again = all_of(letters)
    assert sorted(one.body for one in again) == sorted(bodies)
    assert {one.receives for one in again} == {2}


def test_what_is_deleted_is_gone_and_the_rest_stays(queue: tuple[LetterQueue, Add]) -> None:
    """Deleting takes away those letters alone."""
    letters, add = queue
    for number in range(12):
        add(str(number))
    held = all_of(letters)
    gone = [one for one in held if int(one.body) % 2]
    letters.delete(gone)
    letters.put_back([one for one in held if one not in gone])
    assert sorted(int(one.body) for one in all_of(letters)) == [0, 2, 4, 6, 8, 10]


@mock_aws
def test_an_empty_queue_gives_nothing() -> None:
    """No letter, no error."""
    client = boto3_client("sqs")
    letters = SqsLetterQueue(moto_queue_client(), client.create_queue(QueueName="q")["QueueUrl"])
    assert (letters.waiting(), letters.receive(10)) == (0, [])
    letters.put_back([])
    letters.delete([])


@pytest.mark.parametrize("page_size", [1, 2, 100])
@mock_aws
def test_the_stream_is_read_between_two_positions(page_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends included and nothing else; of events the keys alone, of customers the images."""
    tables = boto3_client("dynamodb")
    made = tables.create_table(
        TableName="customers",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for number, sort_key in enumerate(("t#1", "t#2", "customer", "t#3")):
        tables.put_item(
            TableName="customers", Item={"pk": {"S": "u.1"}, "sk": {"S": sort_key}, "version": {"N": str(number)}}
        )
    arn = made["TableDescription"]["LatestStreamArn"]
    client = boto3_client("dynamodbstreams")
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = client.get_records(ShardIterator=start["ShardIterator"])["Records"]
    numbers = [one["dynamodb"]["SequenceNumber"] for one in records]
    monkeypatch.setattr("shared.adapters.change_stream.PAGE", page_size)
    found, cursor = list[StreamChange](), None
    while True:
        page = DynamoChangeStream(client, arn).read(shard, numbers[1], numbers[2], cursor)
        found += page.changes
        cursor = page.cursor
        if cursor is None:
            break
    assert [(one.name, one.pk, one.sk) for one in found] == [("INSERT", "u.1", "t#2"), ("INSERT", "u.1", "customer")]
    assert found[0].new is None
    assert found[1].new == {"pk": {"S": "u.1"}, "sk": {"S": "customer"}, "version": {"N": "2"}}


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_records_that_are_not_kept_any_more_are_told(code: str) -> None:
    """After a day AWS knows neither the position nor, later, the shard; any other refusal is an error."""

    class Trimmed:
        def __init__(self, said: str) -> None:
            self.said = said

        def get_shard_iterator(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": self.said, "Message": ""}}, "GetShardIterator")

    with pytest.raises(StreamGone):
        DynamoChangeStream(cast("Any", Trimmed(code)), "arn").read("shardId-1", "1", "2")
    with pytest.raises(ClientError):
        DynamoChangeStream(cast("Any", Trimmed("AccessDeniedException")), "arn").read("shardId-1", "1", "2")
