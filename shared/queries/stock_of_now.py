"""What the stock has of the products of a message: read in the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shared.domain.stock.of_now import StockOfNow
from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.stock_shards import SHARDS, level_shard

if TYPE_CHECKING:
    from shared.queries.stock_levels import StockLevels

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
        self._elapsed = elapsed
        self._again = again
        self._levels: StockLevels | None = None
        self._in_use = KeptValue(self._holds_levels, elapsed, again)

    def read(self, products: Sequence[Sequence[str]]) -> StockOfNow:
        """What is left of these products, each with its ids in the order of trust; strongly consistent."""
        if not products or not (self._levels or self._in_use()):
            return StockOfNow()
        if self._levels is None:
            from shared.queries.stock_levels import StockLevels  # many shops keep no stock here

            self._levels = StockLevels(self._table, self._elapsed, self._again)
        return self._levels.read(products)

    def _holds_levels(self) -> bool:
        return any(self._table.query(level_shard(one), limit=1, index="levels").items for one in range(SHARDS))
