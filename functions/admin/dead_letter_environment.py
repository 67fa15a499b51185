"""Where dead letters wait and what is needed to do their work again; made with the first request that asks for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from shared.adapters.clock import SystemClock
from shared.ports import Queue
from shared.ports.dead_letters import ChangeStream, LetterQueue


@dataclass(frozen=True, slots=True)
class DeadLetterEnvironment:
    """``letters`` by the names of ``QUEUES``, ``targets`` by the names of ``Target``."""

    letters: Mapping[str, LetterQueue]
    targets: Mapping[str, Queue]
    stream: ChangeStream
    now: Callable[[], datetime] = SystemClock().now
    """The time by which queues tell when a letter came; a laptop shifts only the shop's."""


@cache
def dead_letter_environment() -> DeadLetterEnvironment:
    """Of this deployment, as ``KERVAN_DEAD_LETTERS`` names its queues and stream (infra/dead_letters.py).

    Raises
    ------
    KeyError
        If the function was deployed without it.
    """
    from shared.adapters.aws_clients import sqs_client
    from shared.adapters.change_stream import DynamoChangeStream, streams_client
    from shared.adapters.letter_queue_sqs import SqsLetterQueue
    from shared.adapters.sqs import SqsQueue

    found = json.loads(os.environ["KERVAN_DEAD_LETTERS"])
    client = sqs_client()
    return DeadLetterEnvironment(
        letters={name: SqsLetterQueue(client, url) for name, url in found["letters"].items()},
        targets={name: SqsQueue(client, url) for name, url in found["targets"].items()},
        stream=DynamoChangeStream(streams_client(), found["stream"]),
    )
