"""What happened to levels and who holds pieces, for people who look: read beside the store that changes them."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.identity.keys import safe_id
from shared.domain.stock.level_log import Entry
from shared.domain.stock.movement import Place
from shared.domain.stock.reservation import Reservation
from shared.ports import Table
from shared.stores.reservation_items import read_reservation
from shared.stores.stock_items import LOG, MARK, mark_key, read_chapter, sku_key


class StockHistory:
    def __init__(self, table: Table) -> None:
        self._table = table

    def reservations(self, keys: Sequence[str]) -> list[Reservation]:
        """Those of these keys that are reservations, in any order; one request for a hundred."""
        wanted = [(mark_key(key), MARK) for key in dict.fromkeys(keys)]
        items = self._table.get_many(wanted) if wanted else []
        return [read_reservation(item) for item in items if item["kind"] == "reservation"]

    def older_entries(self, place: Place, *, limit: int, cursor: str | None) -> tuple[list[Entry], str | None]:
        """Entries of a level that are no longer in the level itself, the newest first: of ``limit`` chapters."""
        prefix = f"{LOG}{safe_id(place.location)}#"
        page = self._table.query(sku_key(place.sku), prefix=prefix, newest_first=True, limit=limit, cursor=cursor)
        chapters = map(read_chapter, page.items)
        return [entry for chapter in chapters for entry in reversed(chapter.entries)], page.cursor
