"""The country and time zone of a shop, and when its stock is low, out of the published release, for readers that cannot
afford to load the rest of it.

Reading a release whole imports pydantic and validates every definition; the way in needs one word of it, and only when
somebody writes a phone number without its country.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.release_json import current_number, release_json

KEEP_SECONDS = 900.0
UNKNOWN, UNKNOWN_ZONE, UNKNOWN_FALL = "TR", "Europe/Istanbul", 70
"""Before the first release, and for a shop that does not say: the defaults of ``Shop``."""


class ShopRegion:
    """``region()`` gives the two letters, read at most every quarter of an hour. May raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, KEEP_SECONDS)

    def __call__(self) -> str:
        return self._kept()

    def _read(self) -> str:
        return str(_shop(self._table).get("region", UNKNOWN))


class LowStock:
    """``low()`` gives the pieces at which the stock of a product is low, read as seldom; 0 if the shop says none."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, KEEP_SECONDS)

    def __call__(self) -> int:
        return self._kept()

    def _read(self) -> int:
        return int(_shop(self._table).get("low_stock", 0))


class MostFall:
    """``most()`` gives by how much of a hundred a price may fall before it may be a slip, read as seldom."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, KEEP_SECONDS)

    def __call__(self) -> int:
        return self._kept()

    def _read(self) -> int:
        return int(_shop(self._table).get("hold_price_drops", UNKNOWN_FALL))


class ShopZone:
    """``zone()`` gives the time zone of the shop, read as seldom."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, KEEP_SECONDS)

    def __call__(self) -> ZoneInfo:
        return self._kept()

    def _read(self) -> ZoneInfo:
        return ZoneInfo(str(_shop(self._table).get("time_zone", UNKNOWN_ZONE)))


def _shop(catalog: Table) -> dict[str, Any]:
    """The answers of the shop, as they are published."""
    number = current_number(catalog)
    found: dict[str, Any] = release_json(catalog, number).get("shop", {}) if number else {}
    return found
