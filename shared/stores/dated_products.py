"""Products that come with the instant at which they were so: the newest word counts, whatever comes first.

``as_of_ms`` of a product's item is the newest instant of which something was said; ``changed_ms`` is since when it is
as it is. Each is written on condition of what was read, so that two workers never undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from shared.domain.connectors.translation import DatedProduct
from shared.domain.identity.keys import moment
from shared.domain.products.product import Product, with_kept
from shared.ports import Table
from shared.stores.products import ProductWatch, Taken, Write, as_of, write_products


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
        taken = Taken()
        for one in products:  # two words of one product in one message come one after the other
            taken = taken.plus(self._put(one))
        return taken

    def end(self, product: str, at_ms: int) -> Taken:
        """Nobody can buy a product since an instant: the shop deleted it. What else is known of it stays."""

        def decide(stored: dict[str, Any] | None, known: Product | None) -> Write | str:
            if stored is None or known is None:
                return "unchanged"
            if as_of(stored) > at_ms:
                return "older"
            return Write(replace(known, availability="out_of_stock"), moment(at_ms), touch=True)

        return write_products(self._table, {product: decide}, self._watch, self._pause)

    def _put(self, one: DatedProduct) -> Taken:
        def decide(stored: dict[str, Any] | None, known: Product | None) -> Write | str:
            after = with_kept(one.product, known, one.keeps)
            if stored is not None and known is not None and not _newer(one, known, as_of(stored)):
                return "older" if one.at_ms < as_of(stored) else "unchanged"
            return Write(after, moment(one.at_ms), touch=True)

        return write_products(self._table, {one.product.id: decide}, self._watch, self._pause)


def _newer(one: DatedProduct, known: Product, known_ms: int) -> bool:
    """Of two words of one instant the greater digest counts, so that the order of arrival does not; only what the
    source speaks of is compared."""
    plain = with_kept(known, one.product, one.keeps)
    return (one.at_ms, one.product.digest) > (known_ms, plain.digest)
