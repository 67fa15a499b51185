"""What a shop that keeps its stock here has left of some products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.domain.identity.keys import moment
from shared.domain.stock.crossing import promisable, sold_out_since
from shared.domain.stock.of_now import Left, StockOfNow
from shared.ports import Table
from shared.stores.locations import KEEP_SECONDS, Locations
from shared.stores.stock import StockStore
from shared.stores.stock_items import StoredLevel

MOST_PRODUCTS = 10
"""Products that are looked up for one message, each a request: a message shows five."""


class StockLevels:
    """Reads levels, strongly consistent, and locations, which it believes for ``keep`` seconds at most."""

    def __init__(self, table: Table, elapsed: Callable[[], float], keep: float) -> None:
        self._store = StockStore(table)
        self._locations = Locations(table, elapsed, min(KEEP_SECONDS, keep))

    def read(self, products: Sequence[Sequence[str]]) -> StockOfNow:
        """What is left of these products, each with its ids in the order of trust."""
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
