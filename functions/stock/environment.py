"""What lives as long as the Lambda environment: the tables, the registry of sources, the stores over them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from functions.stock.announcing import Announcing
from functions.stock.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.identity.keys import IdentifierKeys
from shared.operators.stock.environment import People
from shared.operators.stock.watch import PriceWatch, StockWatch
from shared.ports import Clock, Queue, Table
from shared.stores.announcements import Announcements
from shared.stores.held_prices import HeldPrices
from shared.stores.locations import Locations
from shared.stores.pickups import Pickups
from shared.stores.products import Products
from shared.stores.shop_answers import held_fall, low_stock, shop_region, shop_zone
from shared.stores.sources import Sources
from shared.stores.stock import StockStore
from shared.stores.stock_events import Notices
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the functions of stock are composed of."""

    clock: Clock
    table: Table
    stock: StockStore
    products: Products
    locations: Locations
    zone: Callable[[], ZoneInfo]
    timers: Timers
    sources: Sources
    pickups: Pickups
    people: Callable[[], People]
    pause: Callable[[int], None]
    announcing: Callable[[], Announcing]
    """Made with the first timer that is about it: the API needs none."""


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
        return People(keys, shop_phone_reader(shop_region(catalog, time.monotonic)), notices)

    return composed(
        Tables(
            table,
            catalog,
            DynamoTable(client, settings.products),
            DynamoTable(client, settings.timers),
            DynamoTable(client, settings.interests),
        ),
        clock=clock_for(settings.clock),
        people=people,
        queue=lambda: SqsQueue(sqs_client(), settings.work),
        elapsed=time.monotonic,
        pause=pause,
    )


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that the functions of stock work on."""

    stock: Table
    catalog: Table
    products: Table
    timers: Table
    interests: Table


def composed(
    tables: Tables,
    *,
    clock: Clock,
    people: Callable[[], People],
    queue: Callable[[], Queue],
    elapsed: Callable[[], float],
    pause: Callable[[int], None],
) -> Environment:
    """The stores over tables of any kind."""
    locations, timers = Locations(tables.stock, elapsed), Timers(tables.timers)
    low = low_stock(tables.catalog, elapsed)
    stock = StockStore(tables.stock, pause, StockWatch(StockStore(tables.stock).levels, timers, locations.rules, low))
    most_fall = held_fall(tables.catalog, elapsed)
    products = Products(tables.products, PriceWatch(timers), pause)
    announcements = Announcements(tables.interests)
    return Environment(
        clock=clock,
        table=tables.stock,
        stock=stock,
        products=products,
        locations=locations,
        zone=shop_zone(tables.catalog, elapsed),
        timers=timers,
        sources=Sources(tables.catalog, elapsed),
        pickups=Pickups(tables.stock),
        people=people,
        pause=pause,
        announcing=lambda: Announcing(
            stock=stock, products=products, locations=locations, announcements=announcements, timers=timers,
            queue=queue(), held=HeldPrices(tables.stock), most_fall=most_fall,
        ),
    )  # fmt: skip
