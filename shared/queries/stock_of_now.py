"""What the stock has of the products of a message: read in the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.domain.identity.keys import moment
from shared.domain.stock.crossing import promisable, sold_out_since
from shared.domain.stock.of_now import Left, StockOfNow
from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.locations import KEEP_SECONDS, Locations
from shared.stores.stock import StockStore
from shared.stores.stock_items import SHARDS, StoredLevel, level_shard

MOST_PRODUCTS = 10
"""Products that are looked up for one message, each a request: a message shows five."""
ASK_AGAIN_SECONDS = 900.0
"""A shop that begins to keep stock is noticed after a quarter of an hour."""
SOON_SECONDS = 5.0
"""The same on the laptop, where people try one thing after the other; changed locations are noticed as soon."""


class StockReader:
    """Costs nothing where the shop keeps no stock here (16 requests per quarter of an hour find that out); else one
    request for each product, and one for each further id where the first is not known. ``again``: seconds after which
    it looks again whether stock is kept."""

    def __init__(self, table: Table, elapsed: Callable[[], float], again: float = ASK_AGAIN_SECONDS) -> None:
        self._table = table
        self._store = StockStore(table)
        self._locations = Locations(table, elapsed, min(KEEP_SECONDS, again))
        self._found = False
        self._in_use = KeptValue(self._holds_levels, elapsed, again)

    def read(self, products: Sequence[Sequence[str]]) -> StockOfNow:
        """What is left of these products, each with its ids in the order of trust; strongly consistent."""
        if not products or not (self._found or self._in_use()):
            return StockOfNow()
        self._found = True
        levels: dict[str, tuple[Left, ...]] = {}
        for ids in products[:MOST_PRODUCTS]:
            for id_ in ids:
                stored = self._store.levels(id_)
                if stored:
                    levels[id_] = tuple(map(self._left, stored))
                    break
        return StockOfNow(levels, self._locations.all())

    def _left(self, stored: StoredLevel) -> Left:
        rules = self._locations.rules(stored.place.location)
        pieces = promisable(stored.level, rules)
        since = 0 if pieces else sold_out_since(stored.level, stored.chapter.entries, rules)
        return Left(stored.place.location, pieces, moment(since) if since else None, rules.backorder)

    def _holds_levels(self) -> bool:
        return any(self._table.query(level_shard(one), limit=1, index="levels").items for one in range(SHARDS))
