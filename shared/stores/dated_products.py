"""Products that come with the instant at which they were so: the newest word counts, whatever comes first.

``as_of_ms`` of a product's item is the newest instant of which something was said; ``changed_ms`` is since when it is
as it is. Each is written on condition of what was read, so that two workers never undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.domain.connectors.translation import DatedProduct
from shared.domain.identity.keys import moment
from shared.domain.products.price_history import Price, with_price
from shared.domain.products.product import Product
from shared.ports import Conflict, Table, Throttled
from shared.stores.products import SK, ProductWatch, StoredProduct, Taken, product_item, product_key, read_item

TRIES = 8


class DatedProducts:
    """``watch`` hears of products that change, before they are written."""

    def __init__(self, table: Table, watch: ProductWatch, pause: Callable[[int], None]) -> None:
        self._table, self._watch, self._pause = table, watch, pause

    def put(self, products: Sequence[DatedProduct]) -> Taken:
        """Take products; repeating it changes nothing.

        Raises
        ------
        Throttled
            If others keep changing the same products; some may be taken.
        """
        found: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": [], "older": []}
        for one in products:
            found[self._put(one)].append(one.product.id)
        return Taken(**{kind: tuple(ids) for kind, ids in found.items()})

    def _put(self, one: DatedProduct) -> str:
        at = moment(one.at_ms)
        for attempt in range(TRIES):
            item = self._table.get(product_key(one.product.id), SK)
            stored = None if item is None else read_item(item)
            as_of = 0 if item is None else int(item.get("as_of_ms", item["changed_ms"]))
            if stored is not None and not _newer(one, stored.product, as_of):
                return "older" if one.at_ms < as_of else "unchanged"
            same = stored is not None and stored.product == one.product
            after = stored if stored is not None and same else _after(stored, one.product, at)
            if stored is not None and not same:
                self._watch([(stored, one.product)], at)
            expect = {"changed_ms": None} if item is None else {
                "changed_ms": item["changed_ms"], "as_of_ms": item.get("as_of_ms"),
            }  # fmt: skip
            try:
                self._table.put(product_item(after) | {"as_of_ms": one.at_ms}, expect=expect)
            except Conflict:
                self._pause(attempt)
                continue
            return "new" if stored is None else "unchanged" if same else "changed"
        raise Throttled("others keep changing the same product")


def _newer(one: DatedProduct, known: Product, as_of: int) -> bool:
    """Of two words of one instant the greater digest counts, so that the order of arrival does not."""
    return (one.at_ms, one.product.digest) > (as_of, known.digest)


def _after(stored: StoredProduct | None, product: Product, at: datetime) -> StoredProduct:
    prices = with_price(stored.prices if stored else (), Price(at, product.costs, product.currency))
    return StoredProduct(product, at, prices)
