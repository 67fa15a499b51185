"""What lives as long as the Lambda environment: the tables, the registry of sources, the stores over them."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from functions.stock.settings import Settings
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock, Table
from shared.stores.locations import Locations
from shared.stores.pickups import Pickups
from shared.stores.products import Products
from shared.stores.shop_region import ShopRegion
from shared.stores.sources import Sources
from shared.stores.stock import StockStore
from shared.stores.stock_events import Notices
from shared.stores.timers import Timers

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.3


@dataclass(frozen=True, slots=True)
class People:
    """What names customers: made with the first request that is about one, because it needs the deployment's secret."""

    keys: IdentifierKeys
    phone: PhoneReader
    notices: Notices


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the functions of stock are composed of."""

    clock: Clock
    table: Table
    stock: StockStore
    products: Products
    locations: Locations
    timers: Timers
    sources: Sources
    pickups: Pickups
    people: Callable[[], People]
    pause: Callable[[int], None]


@cache
def environment() -> Environment:
    """Made with the first request and kept; if it cannot be made, the next request tries again."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    table, catalog = DynamoTable(client, settings.stock), DynamoTable(client, settings.catalog)

    @cache
    def people() -> People:
        keys = IdentifierKeys(read_secret(settings.secret))
        notices = Notices(table, DynamoTable(client, settings.customers), keys)
        return People(keys, shop_phone_reader(ShopRegion(catalog, time.monotonic)), notices)

    return Environment(
        clock=clock_for(settings.clock),
        table=table,
        stock=StockStore(table, pause),
        products=Products(DynamoTable(client, settings.products)),
        locations=Locations(table, time.monotonic),
        timers=Timers(DynamoTable(client, settings.timers)),
        sources=Sources(catalog, time.monotonic),
        pickups=Pickups(table),
        people=people,
        pause=pause,
    )


def pause(attempt: int) -> None:
    """Wait before a change is decided anew: longer each time, and never as long as the other who waits."""
    longest = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, not a secret
