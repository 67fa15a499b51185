"""Dead letters: a queue full of them is worked on again, as an operator does it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from benchmarks.trials.compare import compare
from benchmarks.trials.sending import Sender
from benchmarks.trials.shoppers import Shoppers
from benchmarks.trials.stack import Stack
from cli.deployment.api import quoted
from cli.local import deploy

QUEUE = "email"
AT_ONCE = 25
"""Letters in one request, as the command asks for them."""
ROUNDS = 400
DUE = timedelta(hours=5, minutes=5)
"""After it a cart reminder has gone from push to e-mail."""


def redrive_all(stack: Stack, letters: Mapping[str, int]) -> int:
    """What `kervan deadletters redrive` does with each queue that holds letters; how many were worked on again."""
    done = 0
    for _ in range(ROUNDS if sum(letters.values()) else 0):
        waiting = {one["name"]: one["waiting"] for one in stack.api.get("/v1/deadletters")["queues"]}
        if not sum(waiting.values()):
            break
        done += sum(_redrive(stack, name) for name in waiting)
        stack.finish()
    return done


def letters_trial(stack: Stack, events: int, messages: int) -> dict[str, Any]:
    """Nobody reads the queue of e-mails; what waits in it becomes dead letters, each of them twice, as a crash of a
    redrive leaves them. Then the reader is back, and all are redriven while new events come in."""
    began = time.monotonic()
    shoppers, others = Shoppers("letters", messages, events, stack.now), Shoppers("new", 20, 200, stack.now)
    sender = Sender(stack.endpoint, stack.keys)
    sender.send(shoppers.requests())
    stack.finish()
    with _without_reader(stack):
        stack.pass_time(DUE)
        _until_queued(stack, messages)
        bodies = list(_taken(stack))
        _put(stack, [*bodies, *bodies])
    letters = stack.parked()
    since = time.monotonic()
    done = 0
    requests = list(others.requests())
    while (part := _redrive(stack, QUEUE)) or requests:
        done += part
        if requests:
            sender.send([requests.pop()])
    redriving = time.monotonic() - since
    stack.finish()
    found = compare(stack, sender.sent.accepted, [shoppers.address(number) for number in range(messages)])
    return {
        "events": len(sender.sent.accepted),
        "letters": letters,
        "redriven": done,
        "redriven_seconds": round(redriving),
        "left": sum(stack.parked().values()),
        "answers": {str(status): count for status, count in sorted(sender.sent.answers.items())},
        "seconds": round(time.monotonic() - began),
        **asdict(found),
        "wrong": found.wrong,
    }


def _redrive(stack: Stack, queue: str) -> int:
    found = stack.api.post(f"/v1/deadletters/{quoted(queue)}/redrive", {"limit": AT_ONCE})
    return int(found["redriven"])


@contextmanager
def _without_reader(stack: Stack) -> Iterator[None]:
    """The function of the channel is not woken by its queue."""
    client = deploy.client(stack.local.base, "lambda")
    (mapping,) = client.list_event_source_mappings(EventSourceArn=_attribute(stack, QUEUE, "QueueArn"))[
        "EventSourceMappings"
    ]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _until_queued(stack: Stack, wanted: int, seconds: float = 600.0) -> None:
    deadline = time.monotonic() + seconds
    while int(_attribute(stack, QUEUE, "ApproximateNumberOfMessages")) < wanted:
        if time.monotonic() > deadline:
            raise AssertionError("the messages did not come to their queue")
        for kind in ("flip", "journey"):
            stack.fire(kind)
        time.sleep(0.5)


def _taken(stack: Stack) -> Iterator[str]:
    """The bodies of all messages of the queue, which are deleted."""
    client, url = deploy.client(stack.local.base, "sqs"), _url(stack, QUEUE)
    while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in found:
            yield one["Body"]
            client.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


def _put(stack: Stack, bodies: list[str]) -> None:
    client, url = deploy.client(stack.local.base, "sqs"), _url(stack, f"{QUEUE}-dead")
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies[start : start + 10])]
        client.send_message_batch(QueueUrl=url, Entries=entries)


def _url(stack: Stack, queue: str) -> str:
    found = deploy.client(stack.local.base, "sqs").get_queue_url(QueueName=f"{deploy.STACK}-{queue}")
    return str(found["QueueUrl"])


def _attribute(stack: Stack, queue: str, name: str) -> str:
    client = deploy.client(stack.local.base, "sqs")
    return str(client.get_queue_attributes(QueueUrl=_url(stack, queue), AttributeNames=[name])["Attributes"][name])
