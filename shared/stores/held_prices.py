"""Prices that may be slips, in the table ``stock``: ``heldprices`` / ``<product>``. Few items, gone after 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, safe_id
from shared.domain.interests.held_price import HeldPrice
from shared.ports import Table

PK = "heldprices"
KEPT = timedelta(days=30)
MOST_LISTED = 100


class HeldPrices:
    """Methods may raise Throttled; ``put`` raises Conflict if it was changed since it was read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, product: str) -> HeldPrice | None:
        item = self._table.get(PK, safe_id(product))
        return None if item is None else _read(item)

    def put(self, held: HeldPrice, before: HeldPrice | None) -> None:
        """Note a price, in place of what was noted of the product before."""
        written = replace(held, version=before.version + 1 if before else 1)
        self._table.put(_item(written), expect={"version": before.version if before else None})

    def listed(self) -> list[HeldPrice]:
        """All that are kept, at most a hundred."""
        return [_read(item) for item in self._table.query(PK, limit=MOST_LISTED).items]


def _item(held: HeldPrice) -> dict[str, Any]:
    return {
        "pk": PK,
        "sk": safe_id(held.product),
        "product": held.product,
        "since_ms": milliseconds(held.since),
        "price": str(held.price),
        "was": str(held.was),
        "currency": held.currency,
        "said": held.said,
        "version": held.version,
        "expires": int((held.since + KEPT).timestamp()),
    }


def _read(item: Mapping[str, Any]) -> HeldPrice:
    since = int(item["since_ms"])
    amounts = Decimal(item["price"]), Decimal(item["was"])
    return HeldPrice(
        item["product"], since, moment(since), *amounts, item["currency"], item["said"], int(item["version"])
    )
