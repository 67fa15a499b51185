"""What lives as long as the Lambda environment of the worker that tells people."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from functions.stock.announcing import pieces_of
from functions.stock.settings import Settings
from functions.stock.tell_people import PAUSE, Telling
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.sqs import SqsQueue
from shared.domain.definitions.release import Release
from shared.ports import Clock, DelayingQueue, Table
from shared.stores.announcements import Announcements
from shared.stores.customers import CustomerStore
from shared.stores.interests import Interests
from shared.stores.locations import Locations
from shared.stores.products import Products
from shared.stores.releases import Releases
from shared.stores.stock import StockStore


@dataclass(frozen=True, slots=True)
class TellingEnvironment:
    """``pause``: between two messages of one shard."""

    clock: Clock
    telling: Telling
    queue: DelayingQueue
    pause: timedelta


def telling_on(
    *,
    customers: Table,
    interests: Table,
    stock: Table,
    products: Table,
    release: Callable[[], Release],
    elapsed: Callable[[], float],
) -> Telling:
    """The service over tables of any kind."""
    levels, locations = StockStore(stock), Locations(stock, elapsed)
    return Telling(
        customers=CustomerStore(customers),
        interests=Interests(interests),
        announcements=Announcements(interests),
        products=Products(products),
        pieces=lambda product: pieces_of(product, levels, locations),
        release=release,
    )


@cache
def telling_environment() -> TellingEnvironment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    releases = Releases(DynamoTable(client, settings.catalog))
    telling = telling_on(
        customers=DynamoTable(client, settings.customers),
        interests=DynamoTable(client, settings.interests),
        stock=DynamoTable(client, settings.stock),
        products=DynamoTable(client, settings.products),
        release=releases.current,
        elapsed=time.monotonic,
    )
    queue = SqsQueue(sqs_client(), settings.work)
    return TellingEnvironment(clock_for(settings.clock), telling, queue, timedelta() if settings.clock else PAUSE)
