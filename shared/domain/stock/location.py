"""A location: a shop, a store or a depot, what it allows, and what customers are told of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.stock.level import NO_RULES, StockRules
from shared.domain.stock.opening_hours import OpeningHours, ready_by


class Location(Struct, frozen=True):
    """``pickup``: whether customers may collect there. ``ready_within``: how long the store takes to prepare an order,
    counted while it is open; zero if it promises nothing.

    A location that was never described allows no backorder, keeps no safety stock and serves no pick-up.
    """

    name: str
    label: str = ""
    rules: StockRules = NO_RULES
    pickup: bool = False
    city: str = ""
    address: str = ""
    opening: OpeningHours = OpeningHours()
    ready_within: timedelta = timedelta()

    @property
    def shown(self) -> str:
        """The name for people."""
        return self.label or self.name

    def ready_by(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Until when it promises to have an order of now ready; None if it promises nothing."""
        if not (self.pickup and self.ready_within):
            return None
        return ready_by(self.opening, self.ready_within, now, zone)
