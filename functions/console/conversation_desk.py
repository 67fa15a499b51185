"""What agents' pages are composed of: made with the first visit to one of them."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.conversations.conversation import CHANNELS
from shared.domain.conversations.message import Message
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.request import SOCIAL, queue_of
from shared.operators.agent_actions import AgentActions
from shared.operators.answer_requests import answer_request, sent_by
from shared.ports import Clock
from shared.ports.file_links import FileLinks
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.timers import Timers

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.3


@dataclass(frozen=True, slots=True)
class Desk:
    """Conversations, and what agents do with them: the same as behind ``/v1/conversations``."""

    clock: Clock
    conversations: Conversations
    agents: AgentActions
    links: Callable[[], FileLinks]
    """Makes links to files that customers sent; made with the first."""


@cache
def desk() -> Desk:
    """Answers go out by the channels whose queues this function was told of (infra/grants.py)."""
    told = os.environ
    client = dynamo_client()
    keys = IdentifierKeys(read_secret(told["KERVAN_SECRET"]))
    urls: dict[str, str] = {channel: told.get(f"KERVAN_QUEUE_{channel.upper()}", "") for channel in (*CHANNELS, SOCIAL)}
    queues = {channel: SqsQueue(sqs_client(), url) for channel, url in urls.items() if url}

    def hand_over(message: Message) -> None:
        request = answer_request(message, keys)
        queues[queue_of(request.channel)].send_many([request.model_dump_json(exclude_none=True)])

    conversations = Conversations(DynamoTable(client, told["KERVAN_CONVERSATIONS"]))
    customers = CustomerStore(DynamoTable(client, told["KERVAN_CUSTOMERS"]))
    timers = Timers(DynamoTable(client, told["KERVAN_TIMERS"]))
    clock = clock_for(told.get("KERVAN_CLOCK", "") if told["KERVAN_STAGE"] == "local" else "")
    sends = sent_by(queues, told.get("KERVAN_SOCIAL", ""))
    agents = AgentActions(conversations, customers, timers, keys, hand_over, sends, _pause)
    return Desk(clock, conversations, agents, cache(lambda: _links(told["KERVAN_FILES"])))


def _links(bucket: str) -> FileLinks:
    from shared.adapters.s3_links import s3_links

    return s3_links(bucket)


def _pause(attempt: int) -> None:
    """Wait before a change is decided anew: longer each time, and never as long as the other who waits."""
    longest = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, not a secret
