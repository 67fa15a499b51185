"""The queue on SQS (moto), and what it does when SQS takes only some of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.sqs import ATTEMPTS, SqsQueue
from shared.ports import Throttled
from tests.support.moto_wire import boto3_client, moto_queue_client

pytestmark = pytest.mark.contract


@mock_aws
def test_every_message_arrives_ten_in_a_request() -> None:
    """23 messages, letters of any alphabet, each once."""
    client = boto3_client("sqs")
    url = client.create_queue(QueueName="q")["QueueUrl"]
    bodies = [f'{{"n": {number}, "text": "ğüş"}}' for number in range(23)]
    SqsQueue(moto_queue_client(), url).send_many(bodies)
    arrived: list[str] = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        arrived += [message["Body"] for message in messages]
    assert sorted(arrived) == sorted(bodies)


class Choosy:
    """Takes the first of what is offered, as often as ``patience`` says."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.requests: list[list[str]] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "SendMessageBatch"
        entries = request["Entries"]
        self.requests.append([entry["MessageBody"] for entry in entries])
        taken = entries[:1] if len(self.requests) <= self.patience else []
        return {"Failed": [{"Id": entry["Id"]} for entry in entries if entry not in taken]}


def test_what_was_not_taken_is_offered_again() -> None:
    """Only the rest, until all are taken."""
    client = Choosy(patience=9)
    SqsQueue(client, "url", sleep=lambda _: None).send_many(["a", "b", "c"])
    assert client.requests == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_a_queue_that_takes_nothing_is_a_throttle() -> None:
    """After a few tries the caller hears of it; nothing is silently lost."""
    client = Choosy(patience=0)
    with pytest.raises(Throttled):
        SqsQueue(client, "url", sleep=lambda _: None).send_many(["a"])
    assert len(client.requests) == ATTEMPTS


def test_large_messages_are_sent_in_smaller_batches() -> None:
    """A request stays below what SQS takes, however many of ten that is."""
    client = Choosy(patience=99)
    SqsQueue(client, "url", sleep=lambda _: None).send_many(["ş" * 60_000] * 3)
    assert max(sum(len(body.encode()) for body in request) for request in client.requests) <= 256_000


def test_paced_messages_are_read_one_after_the_other() -> None:
    """Each has its delay, in whole seconds, at most the quarter of an hour that SQS permits."""
    asked: list[tuple[str, int]] = []

    class Delays:
        def call(self, _operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
            asked.extend((entry["MessageBody"], entry.get("DelaySeconds", 0)) for entry in request["Entries"])
            return {}

    queue = SqsQueue(Delays(), "url")
    queue.send_paced([str(number) for number in range(12)], timedelta(seconds=1.5), timedelta(seconds=1.25))
    assert asked == [(str(number), int(1.5 + 1.25 * number)) for number in range(12)]
    asked.clear()
    queue.send_paced(["a", "b"], timedelta(minutes=14, seconds=59), timedelta(minutes=1))
    assert asked == [("a", 899), ("b", 900)]
