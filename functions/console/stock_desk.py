"""What pages of stock are composed of: made with the first visit to one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.domain.identity.keys import IdentifierKeys
from shared.operators.stock.environment import People
from shared.operators.stock.watch import StockWatch
from shared.ports import Clock, Table
from shared.stores.held_prices import HeldPrices
from shared.stores.locations import Locations
from shared.stores.pickups import Pickups
from shared.stores.products import Products
from shared.stores.shop_answers import low_stock, shop_region, shop_zone
from shared.stores.stock import StockStore
from shared.stores.stock_events import Notices
from shared.stores.stock_history import StockHistory
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class StockDesk:
    """Stock, products and pick-ups: the same as behind ``/v1/stock``."""

    clock: Clock
    stock: StockStore
    history: StockHistory
    products: Products
    locations: Locations
    zone: Callable[[], ZoneInfo]
    timers: Timers
    pickups: Pickups
    people: Callable[[], People]
    pause: Callable[[int], None]
    held: HeldPrices


@dataclass(frozen=True, slots=True)
class StockTables:
    stock: Table
    products: Table
    timers: Table
    catalog: Table


@cache
def stock_desk() -> StockDesk:
    """Over the tables of the deployment."""
    told, client = os.environ, dynamo_client()
    names = ("STOCK", "PRODUCTS", "TIMERS", "CATALOG")
    tables = StockTables(*(DynamoTable(client, told[f"KERVAN_{name}"]) for name in names))

    @cache
    def people() -> People:
        keys = IdentifierKeys(read_secret(told["KERVAN_SECRET"]))
        notices = Notices(tables.stock, DynamoTable(client, told["KERVAN_CUSTOMERS"]), keys)
        return People(keys, shop_phone_reader(shop_region(tables.catalog, time.monotonic)), notices)

    clock = clock_for(told.get("KERVAN_CLOCK", "") if told["KERVAN_STAGE"] == "local" else "")
    return composed(tables, clock, people, time.monotonic, pause)


def composed(
    tables: StockTables,
    clock: Clock,
    people: Callable[[], People],
    elapsed: Callable[[], float],
    pause: Callable[[int], None],
) -> StockDesk:
    """The stores over tables of any kind."""
    locations, timers = Locations(tables.stock, elapsed), Timers(tables.timers)
    watch = StockWatch(StockStore(tables.stock).levels, timers, locations.rules, low_stock(tables.catalog, elapsed))
    return StockDesk(
        clock=clock,
        stock=StockStore(tables.stock, pause, watch),
        history=StockHistory(tables.stock),
        products=Products(tables.products),
        locations=locations,
        zone=shop_zone(tables.catalog, elapsed),
        timers=timers,
        pickups=Pickups(tables.stock),
        people=people,
        pause=pause,
        held=HeldPrices(tables.stock),
    )
