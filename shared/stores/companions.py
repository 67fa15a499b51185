"""What is bought together, in the catalog: one item per product, and one mark per order that was counted."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from shared.domain.templates.recommendations import Companions
from shared.ports import Conflict, Table

PRODUCT = "together#product#"
ORDER = "together#order#"
"""Partition keys: a product id (as facts keep ids), and a digest of an order id."""
SK = "companions"


class CompanionStore:
    """Written by schedule only, read by notify."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def read(self, products: Iterable[str]) -> dict[str, Companions]:
        """The companions of those products that are known; one request, one read unit each."""
        keys = [(PRODUCT + product, SK) for product in dict.fromkeys(products)]
        items = self._table.get_many(keys) if keys else []
        return {item["pk"].removeprefix(PRODUCT): _read(item)[0] for item in items}

    def get(self, product: str) -> tuple[Companions, int]:
        """The companions of a product and their version, 0 if there are none."""
        item = self._table.get(PRODUCT + product, SK)
        return (Companions(product), 0) if item is None else _read(item)

    def put(self, companions: Companions, *, previous: int) -> None:
        """Writes the companions of a product.

        Raises
        ------
        Conflict
            If another order was counted meanwhile.
        """
        item = {
            "pk": PRODUCT + companions.product,
            "sk": SK,
            "version": previous + 1,
            "counts": dict(companions.counts),
            "shown": dict(companions.shown),
        }
        self._table.put(item, expect={"version": previous or None})

    def first_time(self, order: str) -> bool:
        """Marks an order as counted. False if it was counted before."""
        try:
            self._table.put({"pk": ORDER + _digest(order), "sk": SK}, expect={"pk": None})
        except Conflict:
            return False
        return True


def _read(item: dict[str, object]) -> tuple[Companions, int]:
    product = str(item["pk"]).removeprefix(PRODUCT)
    counts, shown, version = item["counts"], item["shown"], item["version"]
    assert isinstance(counts, dict)  # noqa: S101  as written by put
    assert isinstance(shown, dict)  # noqa: S101
    assert isinstance(version, int)  # noqa: S101
    return Companions(product, {str(name): int(count) for name, count in counts.items()}, shown), version


def _digest(order: str) -> str:
    return base64.b32encode(hashlib.blake2b(order.encode(), digest_size=15).digest()).decode().lower()
