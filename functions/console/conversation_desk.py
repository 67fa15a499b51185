"""What agents' pages are composed of: made with the first visit to one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.s3_links import s3_links
from shared.adapters.s3_objects import s3_objects
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.conversations.conversation import CHANNELS
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.request import SOCIAL
from shared.domain.templates.content import Render
from shared.operators.agent_actions import AgentActions
from shared.operators.answer_requests import hand_over_by, sent_by
from shared.operators.service_levels import ServiceLevels
from shared.ports import Clock
from shared.ports.file_links import FileLinks
from shared.ports.objects import Objects
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.service_rules import PublishedServiceRules
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class Desk:
    """Conversations, and what agents do with them: the same as behind ``/v1/conversations``."""

    clock: Clock
    conversations: Conversations
    agents: AgentActions
    links: Callable[[], FileLinks]
    """Makes links to files that customers sent; made with the first."""
    render: Render
    files: Callable[[], Objects]
    """The bucket of files; made with the first that is sent."""


@cache
def desk() -> Desk:
    """Answers go out by the channels whose queues this function was told of (infra/grants.py)."""
    told = os.environ
    client = dynamo_client()
    keys = IdentifierKeys(read_secret(told["KERVAN_SECRET"]))
    urls: dict[str, str] = {channel: told.get(f"KERVAN_QUEUE_{channel.upper()}", "") for channel in (*CHANNELS, SOCIAL)}
    queues = {channel: SqsQueue(sqs_client(), url) for channel, url in urls.items() if url}

    hand_over = hand_over_by(queues, keys)
    conversations = Conversations(DynamoTable(client, told["KERVAN_CONVERSATIONS"]))
    customers = CustomerStore(DynamoTable(client, told["KERVAN_CUSTOMERS"]))
    timers = Timers(DynamoTable(client, told["KERVAN_TIMERS"]))
    clock = clock_for(told.get("KERVAN_CLOCK", "") if told["KERVAN_STAGE"] == "local" else "")
    sends = sent_by(queues, told.get("KERVAN_SOCIAL", ""))
    catalog = DynamoTable(client, told["KERVAN_CATALOG"])
    levels = ServiceLevels(PublishedServiceRules(catalog, time.monotonic), timers)
    agents = AgentActions(conversations, customers, timers, keys, hand_over, sends, pause, levels)
    bucket = told["KERVAN_FILES"]
    links, files = cache(lambda: s3_links(bucket)), cache(lambda: s3_objects(bucket))
    return Desk(clock, conversations, agents, links, LiquidRenderer(), files)
