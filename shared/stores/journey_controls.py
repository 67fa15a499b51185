"""Which journeys were paused or stopped by hand: outside releases, so that it acts at once (docs/definitions.md).

Items of the catalog: ``pk`` ``controls``, ``sk`` ``journey#<name>``. A campaign that stopped by itself is under ``pk``
``campaigns#stopped``, because who hears of bounces may not write switches; it is read for campaigns only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from shared.domain.identity.keys import time_text
from shared.ports import Table

PK = "controls"
PREFIX = "journey#"
STOPPED = "campaigns#stopped"
CAMPAIGN = "@"
"""Begins the name under which a campaign is stopped."""
SECONDS = 5.0
"""How long an environment believes what it read."""

Switch = Literal["running", "paused", "stopped"]


class JourneyControls:
    """``paused``: nothing begins and nothing is handed over until the journey runs again. ``stopped``: its enrollments
    end, each at its next step, even if the journey runs again by then."""

    def __init__(self, catalog: Table, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = catalog
        self._monotonic = monotonic
        self._read: tuple[float, Mapping[str, Mapping[str, str]]] | None = None
        self._campaigns: tuple[float, Mapping[str, Mapping[str, str]]] | None = None

    def _items(self) -> Mapping[str, Mapping[str, str]]:
        now = self._monotonic()
        if self._read is None or not 0 <= now - self._read[0] < SECONDS:
            page = self._table.query(PK, prefix=PREFIX)
            self._read = now, {item["sk"].removeprefix(PREFIX): item for item in page.items}
        return self._read[1]

    def _item(self, name: str) -> Mapping[str, str] | None:
        found = self._items().get(name)
        if found is not None or not name.startswith(CAMPAIGN):
            return found
        now = self._monotonic()
        if self._campaigns is None or not 0 <= now - self._campaigns[0] < SECONDS:
            items = self._table.query(STOPPED).items
            self._campaigns = now, {CAMPAIGN + one["sk"]: {"state": "stopped", "at": one["at"]} for one in items}
        return self._campaigns[1].get(name)

    def read(self) -> Mapping[str, Switch]:
        """By journey; a journey that is not named runs."""
        return {name: _state(item) for name, item in self._items().items()}

    def of(self, journey: str, began: datetime | None = None) -> Switch:
        """The switch of the journey, or of an enrollment that ``began`` then. An enrollment from before the last stop
        stays stopped."""
        item = self._item(journey)
        if item is None:
            return "running"
        if began is not None and time_text(began) <= item.get("stopped", ""):
            return "stopped"
        return _state(item)

    def changed_at(self, journey: str, began: datetime | None = None) -> str:
        """When the switch was set last (ISO 8601), or stopped an enrollment that ``began`` then; empty if it never
        was."""
        item = self._item(journey)
        if item is None:
            return ""
        stopped = item.get("stopped", "")
        return stopped if began is not None and time_text(began) <= stopped else item.get("at", "")

    def set(self, journey: str, state: Switch, at: datetime, by: str = "") -> None:
        """The time of the last stop is kept."""
        before = self._table.get(PK, PREFIX + journey) or {}
        stopped = time_text(at) if state == "stopped" else before.get("stopped", "")
        item = {"pk": PK, "sk": PREFIX + journey, "state": state, "at": time_text(at), "by": by}
        self._table.put({**item, **({"stopped": stopped} if stopped else {})})
        self._read = None


def _state(item: Mapping[str, str]) -> Switch:
    match item["state"]:
        case "paused":
            return "paused"
        case "stopped":
            return "stopped"
        case _:
            return "running"
