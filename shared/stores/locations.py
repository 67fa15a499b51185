"""Locations in the table ``stock``: ``locations`` / ``<location>``. Few items, read once a minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from shared.domain.identity.keys import safe_id
from shared.domain.stock.level import NO_RULES, StockRules
from shared.domain.stock.location import Location
from shared.domain.stock.opening_hours import DAYS, OpeningHours, read_span
from shared.ports import Table
from shared.stores.kept_value import KeptValue

PK = "locations"
KEEP_SECONDS = 60.0
_MINUTE = timedelta(minutes=1)


class Locations:
    """What is known of locations. Changed rules count within a minute, or within ``keep`` seconds."""

    def __init__(self, table: Table, elapsed: Callable[[], float], keep: float = KEEP_SECONDS) -> None:
        self._table = table
        self._kept = KeptValue(self._read, elapsed, keep)

    def all(self) -> dict[str, Location]:
        """Every location that was described, by name."""
        return self._kept()

    def rules(self, location: str) -> StockRules:
        """What a location allows; nothing special if it was never described."""
        found = self.all().get(location)
        return NO_RULES if found is None else found.rules

    def put(self, location: Location) -> None:
        """Describe a location, in place of what was said of it before."""
        self._table.put(
            {
                "pk": PK,
                "sk": safe_id(location.name),
                "location": location.name,
                "label": location.label,
                "safety": location.rules.safety,
                "backorder": location.rules.backorder,
                "pickup": location.pickup,
                "city": location.city,
                "address": location.address,
                "opening": {DAYS[day]: span.text for day, span in location.opening.week.items()},
                "closed": sorted(day.isoformat() for day in location.opening.closed),
                "ready_minutes": int(location.ready_within / _MINUTE),
            }
        )
        self._kept.forget()

    def _read(self) -> dict[str, Location]:
        found: dict[str, Location] = {}
        cursor = None
        while True:
            page = self._table.query(PK, cursor=cursor)
            found |= {item["location"]: _location(item) for item in page.items}
            cursor = page.cursor
            if cursor is None:
                return found


def _location(item: Mapping[str, Any]) -> Location:
    """What was written before stores said where they are and when they are open says nothing of it."""
    week = {DAYS.index(day): read_span(span) for day, span in item.get("opening", {}).items()}
    return Location(
        item["location"],
        item["label"],
        StockRules(int(item["safety"]), bool(item["backorder"])),
        bool(item["pickup"]),
        city=item.get("city", ""),
        address=item.get("address", ""),
        opening=OpeningHours(week, frozenset(map(date.fromisoformat, item.get("closed", ())))),
        ready_within=int(item.get("ready_minutes", 0)) * _MINUTE,
    )
