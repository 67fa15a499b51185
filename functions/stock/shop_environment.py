"""What lives as long as the Lambda environment of the worker that takes what shops told; made with the first of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache

from functions.stock.settings import Settings
from functions.stock.shop_work import ShopWork
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.operators.stock.watch import PriceWatch, StockWatch
from shared.ports import Table
from shared.stores.dated_products import DatedProducts
from shared.stores.locations import Locations
from shared.stores.shop_answers import low_stock
from shared.stores.shop_stock import ShopStock
from shared.stores.stock import StockStore
from shared.stores.timers import Timers


def shop_work_on(
    *,
    stock: Table,
    products: Table,
    timers: Table,
    catalog: Table,
    elapsed: Callable[[], float],
    pause: Callable[[int], None],
) -> ShopWork:
    """The service over tables of any kind."""
    locations, armed = Locations(stock, elapsed), Timers(timers)
    watch = StockWatch(StockStore(stock).levels, armed, locations.rules, low_stock(catalog, elapsed))
    store = StockStore(stock, pause, watch)
    return ShopWork(DatedProducts(products, PriceWatch(armed), pause), ShopStock(stock, store, locations.rules, pause))


@cache
def shop_work() -> ShopWork:
    """Made with the first message and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    return shop_work_on(
        stock=DynamoTable(client, settings.stock),
        products=DynamoTable(client, settings.products),
        timers=DynamoTable(client, settings.timers),
        catalog=DynamoTable(client, settings.catalog),
        elapsed=time.monotonic,
        pause=pause,
    )
