"""The country of a shop, out of the published release, for readers that cannot afford to load the rest of it.

Reading a release whole imports pydantic and validates every definition; the way in needs one word of it, and only when
somebody writes a phone number without its country.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from shared.ports import Table
from shared.stores.kept_value import KeptValue

KEEP_SECONDS = 900.0
UNKNOWN = "TR"
"""Before the first release, and for a shop that does not say: the default of ``Shop.region``."""


class ShopRegion:
    """``region()`` gives the two letters, read at most every quarter of an hour. May raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, KEEP_SECONDS)

    def __call__(self) -> str:
        return self._kept()

    def _read(self) -> str:
        pointer = self._table.get("release", "current")
        if pointer is None:
            return UNKNOWN
        parts: list[bytes] = []
        cursor = None
        while True:
            page = self._table.query(f"release#{pointer['number']}", prefix="part#", cursor=cursor)
            parts += [item["data"] for item in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        shop = json.loads(b"".join(parts)).get("shop", {}) if parts else {}
        return str(shop.get("region", UNKNOWN))
