"""Single answers of a shop, such as its country and time zone, out of the published release, for readers that cannot
afford to load the rest of it.

Reading a release whole imports pydantic and validates every definition; the way in needs one word of it, and only when
somebody writes a phone number without its country.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.release_json import current_number, release_json

T = TypeVar("T")
KEEP_SECONDS = 900.0
UNKNOWN, UNKNOWN_ZONE, UNKNOWN_FALL = "TR", "Europe/Istanbul", 70
"""Before the first release, and for a shop that does not say: the defaults of ``Shop``."""


class ShopAnswer(Generic[T]):
    """``answer()`` gives what the shop answers to one question, read at most every quarter of an hour. May raise
    Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float], read: Callable[[Mapping[str, Any]], T]) -> None:
        self._kept = KeptValue(lambda: read(_shop(catalog)), elapsed, KEEP_SECONDS)

    def __call__(self) -> T:
        return self._kept()


def shop_region(catalog: Table, elapsed: Callable[[], float]) -> ShopAnswer[str]:
    """The two letters of its country."""
    return ShopAnswer(catalog, elapsed, lambda shop: str(shop.get("region", UNKNOWN)))


def low_stock(catalog: Table, elapsed: Callable[[], float]) -> ShopAnswer[int]:
    """The pieces at which the stock of a product is low; 0 if the shop says none."""
    return ShopAnswer(catalog, elapsed, lambda shop: int(shop.get("low_stock", 0)))


def held_fall(catalog: Table, elapsed: Callable[[], float]) -> ShopAnswer[int]:
    """By how much of a hundred a price may fall before it is held."""
    return ShopAnswer(catalog, elapsed, lambda shop: int(shop.get("hold_price_drops", UNKNOWN_FALL)))


def shop_zone(catalog: Table, elapsed: Callable[[], float]) -> ShopAnswer[ZoneInfo]:
    """Its time zone."""
    return ShopAnswer(catalog, elapsed, lambda shop: ZoneInfo(str(shop.get("time_zone", UNKNOWN_ZONE))))


def _shop(catalog: Table) -> dict[str, Any]:
    """The answers of the shop, as they are published."""
    number = current_number(catalog)
    found: dict[str, Any] = release_json(catalog, number).get("shop", {}) if number else {}
    return found
