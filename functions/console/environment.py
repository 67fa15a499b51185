"""What lives as long as the Lambda environment: the tables, the keys, who signs people in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from functions.console.conversation_desk import Desk, desk
from functions.console.cookies import Cookies
from functions.console.oidc import Provider, fetch_over_tls
from functions.console.sessions import Sessions
from functions.console.settings import Settings
from functions.console.stock_desk import StockDesk, stock_desk
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import SystemClock, clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.domain.identity.console_link import ConsoleLinks
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock, Queue, Table
from shared.ports.reports import Reports
from shared.stores.audience_entries import AudienceEntries
from shared.stores.iys_records import IysRecords
from shared.stores.shop_answers import shop_region


class LetterCount(Protocol):
    """A queue of dead letters, as far as its length is told."""

    def waiting(self) -> int: ...


@cache
def dead_letters() -> Mapping[str, LetterCount]:
    """Those that ``KERVAN_DEAD_LETTERS`` names (infra/dead_letters.py)."""
    from shared.adapters.letter_queue_sqs import SqsLetterQueue

    client = sqs_client()
    return {
        name: SqsLetterQueue(client, url)
        for name, url in json.loads(os.environ["KERVAN_DEAD_LETTERS"])["letters"].items()
    }


@cache
def report_caller() -> Reports | None:
    """The function that ``KERVAN_REPORTS`` names, made with the first visit to a report."""
    name = os.environ.get("KERVAN_REPORTS")
    if not name:
        return None
    from shared.adapters.report_caller import ReportCaller, report_client

    return ReportCaller(report_client(), name)


@cache
def erasure_queue() -> Queue:
    """The queue of erasures that ``KERVAN_ERASURES`` names."""
    from shared.adapters.sqs import SqsQueue

    return SqsQueue(sqs_client(), os.environ["KERVAN_ERASURES"])


@cache
def dry_run_queue() -> Queue:
    """The queue that ``KERVAN_DRY_RUNS`` names, made with the first dry run."""
    from shared.adapters.sqs import SqsQueue

    return SqsQueue(sqs_client(), os.environ["KERVAN_DRY_RUNS"])


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the console is composed of.

    ``clock`` is the time of the shop, which the local stage shifts; ``wall`` is the time by which sessions end.
    """

    clock: Clock
    wall: Clock
    customers: Table
    messages: Table
    catalog: Table
    timers: Table
    metrics: Table
    iys: IysRecords
    audiences: AudienceEntries
    keys: IdentifierKeys
    phone: PhoneReader
    sessions: Sessions
    cookies: Cookies
    url: str
    provider: Provider | None
    """None on a laptop, where ``links`` sign in."""
    links: ConsoleLinks | None
    desk: Callable[[], Desk] = desk
    """Conversations, made with the first visit to them."""
    stock: Callable[[], StockDesk] = stock_desk
    """Stock and pick-ups, made with the first visit to them."""
    letters: Callable[[], Mapping[str, LetterCount]] = dead_letters
    """Queues of dead letters by name, made with the first visit to Today."""
    erasures: Callable[[], Queue] = erasure_queue
    """Asks the function of privacy to erase, made with the first erasure."""
    reports: Callable[[], Reports | None] = report_caller
    """Who answers reports; None where there is no lake."""
    dry_runs: Callable[[], Queue] = dry_run_queue
    """Where dry runs are asked for."""


@cache
def environment() -> Environment:
    """Made with the first request and kept; if it cannot be made (no secret), the next request tries again."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    catalog = DynamoTable(client, settings.catalog)
    secret = read_secret(settings.secret)
    provider = Provider(settings.issuer, settings.client_id, settings.url, fetch_over_tls) if settings.issuer else None
    return Environment(
        clock=clock_for(settings.clock),
        wall=SystemClock(),
        customers=DynamoTable(client, settings.customers),
        messages=DynamoTable(client, settings.messages),
        catalog=catalog,
        timers=DynamoTable(client, settings.timers),
        metrics=DynamoTable(client, settings.metrics),
        iys=IysRecords(DynamoTable(client, settings.iys)),
        audiences=AudienceEntries(DynamoTable(client, settings.audiences)),
        keys=IdentifierKeys(secret),
        phone=shop_phone_reader(shop_region(catalog, time.monotonic)),
        sessions=Sessions(secret),
        cookies=Cookies(secure=settings.url.startswith("https://")),
        url=settings.url,
        provider=provider,
        links=ConsoleLinks(secret) if settings.local else None,
    )
