"""What lives as long as the Lambda environment: the tables, the keys, the registry of sources."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from functions.admin.dead_letter_environment import DeadLetterEnvironment, dead_letter_environment
from functions.admin.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock, Queue, Table
from shared.ports.reports import Reports
from shared.stores.audience_entries import AudienceEntries
from shared.stores.conversations import Conversations
from shared.stores.iys_records import IysRecords
from shared.stores.shop_answers import shop_region
from shared.stores.sources import Sources


@cache
def report_caller() -> Reports | None:
    """The function that ``KERVAN_REPORTS`` names."""
    name = os.environ.get("KERVAN_REPORTS")
    if not name:
        return None
    from shared.adapters.report_caller import ReportCaller, report_client

    return ReportCaller(report_client(), name)


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the operators' API is composed of."""

    clock: Clock
    customers: Table
    messages: Table
    catalog: Table
    timers: Table
    metrics: Table
    conversations: Conversations
    keys: IdentifierKeys
    phone: PhoneReader
    sources: Sources
    erasures: Queue
    """Asks the function of privacy to erase."""
    iys: IysRecords
    audiences: AudienceEntries
    iys_tasks: Queue
    """Work for the exchange with the register of consent."""
    letters: Callable[[], DeadLetterEnvironment] = dead_letter_environment
    """Made when it is asked for: hardly anybody does."""
    reports: Callable[[], Reports | None] = report_caller
    """Who answers reports, made when one is asked for; None where there is no lake."""


@cache
def environment() -> Environment:
    """Made with the first request and kept; if it cannot be made (no secret), the next request tries again."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    catalog = DynamoTable(client, settings.catalog)
    return Environment(
        clock=clock_for(settings.clock),
        customers=DynamoTable(client, settings.customers),
        messages=DynamoTable(client, settings.messages),
        catalog=catalog,
        timers=DynamoTable(client, settings.timers),
        metrics=DynamoTable(client, settings.metrics),
        conversations=Conversations(DynamoTable(client, settings.conversations)),
        keys=IdentifierKeys(read_secret(settings.secret)),
        phone=shop_phone_reader(shop_region(catalog, time.monotonic)),
        sources=Sources(catalog, time.monotonic),
        erasures=SqsQueue(sqs_client(), settings.erasures),
        iys=IysRecords(DynamoTable(client, settings.iys)),
        audiences=AudienceEntries(DynamoTable(client, settings.audiences)),
        iys_tasks=SqsQueue(sqs_client(), settings.iys_queue),
    )
