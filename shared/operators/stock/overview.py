"""What is where of a sku, what happened to it, and who holds some of it."""

from __future__ import annotations

from typing import Any, Protocol

from shared.domain.identity.keys import moment, time_text
from shared.domain.stock.level_log import Entry
from shared.domain.stock.movement import Place
from shared.operators.stock.environment import Environment as StockEnvironment
from shared.operators.stock.levels import show
from shared.operators.stock.reservations import reservation_json
from shared.stores.stock_history import StockHistory

MOST_MOVEMENTS = 20
CHAPTERS = 4
"""Of older movements on a page; six movements each."""


class Environment(StockEnvironment, Protocol):
    """What people see of stock is read from."""

    @property
    def history(self) -> StockHistory: ...


def sku_overview(environment: Environment, sku: str) -> dict[str, Any]:
    """The levels with the names of their locations, the newest movements, and open reservations that they tell of.

    A level keeps its last six movements; what is older is asked by location (``older_movements``).

    Raises
    ------
    Problem
        404 if nothing was ever moved of this sku.
    """
    found = show(environment, sku)
    known = environment.locations.all()
    entries = [
        (stored.place.location, entry) for stored in environment.stock.levels(sku) for entry in stored.chapter.entries
    ]
    entries.sort(key=lambda pair: (pair[1].at_ms, pair[1].key, pair[0]), reverse=True)
    held = environment.history.reservations([entry.key for _, entry in entries if entry.step == "reserve"])
    now = environment.clock.now()
    waiting = sorted((one for one in held if one.state == "open" and not one.expired(now)), key=lambda one: one.until)
    rows = [{**row, "label": _label(known.get(row["location"]), row["location"])} for row in found["locations"]]
    return {
        **found,
        "locations": rows,
        "movements": [_movement(location, entry) for location, entry in entries[:MOST_MOVEMENTS]],
        "reservations": [reservation_json(one) for one in waiting],
    }


def older_movements(environment: Environment, sku: str, location: str, cursor: str | None) -> dict[str, Any]:
    """What happened to one level before its last six movements, the newest first."""
    entries, following = environment.history.older_entries(Place(sku, location), limit=CHAPTERS, cursor=cursor)
    return {"items": [_movement(location, entry) for entry in entries], "cursor": following}


def _movement(location: str, entry: Entry) -> dict[str, Any]:
    return {
        "at": time_text(moment(entry.at_ms)),
        "step": entry.step,
        "key": entry.key,
        "location": location,
        "on_hand": entry.change.on_hand,
        "reserved": entry.change.reserved,
        "incoming": entry.change.incoming,
    }


def _label(location: Any, name: str) -> str:
    return (location.label if location else "") or name
