"""What lives as long as the Lambda environment: the tables, the keys, the registry of sources."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from functions.ingest.rights_desk import RightsDesk, rights_desk
from functions.ingest.service import Intake
from functions.ingest.settings import Settings
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import SystemClock, clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import SecretValues, read_secret
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.message_links.message_link import LinkTokens
from shared.ports import Clock, Queue, Table
from shared.stores.connectors import Connectors
from shared.stores.push_key import PushKey
from shared.stores.senders import Senders
from shared.stores.shop_answers import shop_region
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources
from shared.stores.token_issuers import TokenIssuers
from shared.stores.withdrawal_pointers import Pointers

Search = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the two functions of ingest are composed of."""

    clock: Clock
    customers: Table
    messages: Table
    catalog: Table
    metrics: Table
    keys: IdentifierKeys
    tokens: RecipientTokens
    links: LinkTokens
    phone: PhoneReader
    sources: Sources
    issuers: TokenIssuers
    intake: Intake
    counters: SourceCounters
    senders: Senders
    push_key: PushKey
    hook_secrets: Callable[[str], Mapping[str, str]]
    """The secrets of one sender's webhook."""
    conversations: Callable[[], Queue]
    """The queue of what customers wrote; made when somebody writes."""
    connectors: Connectors
    stock_work: Callable[[], Queue]
    """The queue of what shops tell of products and stock; made when a shop tells it."""
    search: Callable[[], Search]
    """JMESPath; imported when a connector has a mapping."""
    ratings: RatingTokens
    iys_tasks: Callable[[], Queue]
    """The queue of the exchange with the register of consent; made when it tells something."""
    rights: Callable[[], RightsDesk] = rights_desk
    """Of the page of a person's rights; made with the first visit to it."""


@cache
def environment() -> Environment:
    """Made with the first request and kept; if it cannot be made (no secret), the next request tries again."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    secret = read_secret(settings.secret)
    keys = IdentifierKeys(secret)
    customers, catalog = DynamoTable(client, settings.customers), DynamoTable(client, settings.catalog)
    metrics = DynamoTable(client, settings.metrics)
    phone = shop_phone_reader(shop_region(catalog, time.monotonic))
    return Environment(
        clock=clock_for(settings.clock),
        customers=customers,
        messages=DynamoTable(client, settings.messages),
        catalog=catalog,
        metrics=metrics,
        keys=keys,
        tokens=RecipientTokens(secret),
        links=LinkTokens(secret),
        phone=phone,
        sources=Sources(catalog, time.monotonic),
        issuers=TokenIssuers(catalog, TokenKeys(secret), time.monotonic, SystemClock().now),
        intake=Intake(customers, keys, phone, Pointers(metrics), pause),
        counters=SourceCounters(metrics, time.monotonic, every=settings.counting_seconds),
        senders=Senders(catalog, time.monotonic),
        push_key=PushKey(catalog, time.monotonic),
        hook_secrets=lambda sender: SecretValues.of(settings.hook_secrets).below(sender),
        conversations=cache(lambda: _queue(settings.conversations_queue)),
        connectors=Connectors(catalog, time.monotonic),
        stock_work=cache(lambda: _queue(settings.stock_queue)),
        search=_search,
        ratings=RatingTokens(secret),
        iys_tasks=cache(lambda: _queue(settings.iys_queue)),
    )


def _search() -> Search:
    """Imported late: few shops have a form of their own."""
    from shared.adapters.jmespath_search import search

    return search


def _queue(url: str) -> Queue:
    """Imported late: most of what comes in is no message."""
    from shared.adapters.aws_clients import sqs_client
    from shared.adapters.sqs import SqsQueue

    return SqsQueue(sqs_client(), url)
