"""Products that messages show, read once for messages that follow each other closely."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.products import SHARDS, Products, StoredProduct, names_shard

KEEP_SECONDS = 2.0
"""A batch of ten messages takes about a second."""
MOST = 500
"""Products that are kept at the most, some 2 KB each."""


class ProductReader(Protocol):
    def read(self, ids: Iterable[str]) -> dict[str, StoredProduct]:
        """The products that are known, by id."""


class ProductsIfAny:
    """Costs nothing where the shop has no catalogue here: four requests find that out, and are made again after
    ``again`` seconds. One per environment of a worker."""

    def __init__(self, table: Table, elapsed: Callable[[], float], again: float) -> None:
        self._table = table
        self._products = Products(table)
        self._found = False
        self._in_use = KeptValue(self._holds_products, elapsed, again)

    def read(self, ids: Iterable[str]) -> dict[str, StoredProduct]:
        """Those that are known, by id; consistent, once the first product of all was found."""
        if not (self._found or self._in_use()):
            return {}
        self._found = True
        return self._products.read(ids)

    def _holds_products(self) -> bool:
        return any(self._table.query(names_shard(one), limit=1, index="named").items for one in range(SHARDS))


class KeptProducts:
    """Believes what it read of a product for ``keep`` seconds, also that it is not known; ``elapsed`` gives seconds
    that never go back. One per environment of a worker: messages of a batch that show the same products share a
    request."""

    def __init__(self, products: ProductReader, elapsed: Callable[[], float], keep: float = KEEP_SECONDS) -> None:
        self._products = products
        self._elapsed = elapsed
        self._keep = keep
        self._kept: dict[str, tuple[float, StoredProduct | None]] = {}
        """Until when each is believed."""

    def read(self, ids: Iterable[str]) -> dict[str, StoredProduct]:
        """Those that are known, by id; at most one request."""
        now, wanted = self._elapsed(), dict.fromkeys(ids)
        known = {id_: kept[1] for id_ in wanted if (kept := self._kept.get(id_)) is not None and now < kept[0]}
        unread = [id_ for id_ in wanted if id_ not in known]
        if unread:
            found = self._products.read(unread)
            fresh = {id_: found.get(id_) for id_ in unread}
            if len(self._kept) + len(fresh) > MOST:
                self._kept = {}
            self._kept |= {id_: (now + self._keep, stored) for id_, stored in fresh.items()}
            known |= fresh
        return {id_: stored for id_ in wanted if (stored := known[id_]) is not None}
