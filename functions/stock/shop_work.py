"""What a connected shop told of its products and its stock, from the work queue (docs/connectors.md#stock)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.connectors.shop_jobs import ShopJob
from shared.stores.dated_products import DatedProducts
from shared.stores.shop_stock import Settled, ShopStock


@dataclass(frozen=True, slots=True)
class ShopWork:
    """Takes messages of the queue; one that comes again changes nothing."""

    products: DatedProducts
    stock: ShopStock

    def take(self, job: ShopJob, now: datetime) -> dict[str, int]:
        """What was done, as counters.

        Raises
        ------
        Throttled
            If something could not be written now; the message comes again.
        """
        taken = self.products.put(job.products)
        tally = Settled()
        for item in job.items:
            self.stock.take_item(job.connector, item, now, tally)
        for level in job.levels:
            self.stock.take_level(job.connector, level, now, tally)
        for gone in job.gone:
            sku = self.stock.take_gone(job.connector, gone, now, tally)
            taken = taken.plus(self.products.end(sku, gone.at_ms)) if sku else taken
        return {
            "ShopProductsWritten": len(taken.new) + len(taken.changed),
            "ShopCounts": tally.counted,
            "ShopOlder": tally.older + len(taken.older),
        }
