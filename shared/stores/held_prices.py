"""Prices that may be slips, in the table ``stock``: ``heldprices`` / ``<product>``. Few items, gone after 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, safe_id
from shared.domain.interests.held_price import HeldPrice
from shared.ports import Table

PK = "heldprices"
KEPT = timedelta(days=30)
MOST_LISTED = 100
ON_A_PAGE, MOST_READ = 1_000, 20_000
"""Twenty thousand are about 3 MB, some 400 read units."""


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

    def waiting(self, now: datetime) -> list[HeldPrice]:
        """Those of which nobody said anything and whose day is not over, at most a hundred. Those of the last 30 days
        are read past, up to ``MOST_READ``: they must not hide one that waits."""
        found: list[HeldPrice] = []
        read, cursor = 0, None
        while read < MOST_READ:
            page = self._table.query(PK, limit=ON_A_PAGE, cursor=cursor)
            found += [one for one in map(_read, page.items) if not one.said and now < one.until]
            read, cursor = read + len(page.items), page.cursor
            if cursor is None or len(found) >= MOST_LISTED:
                break
        return found[:MOST_LISTED]


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
