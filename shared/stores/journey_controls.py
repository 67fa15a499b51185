"""Which journeys were paused or stopped by hand: outside releases, so that it acts at once (design 6).

Items of the catalog: ``pk`` ``controls``, ``sk`` ``journey#<name>``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from shared.domain.keys import time_text
from shared.ports import Table

PK = "controls"
PREFIX = "journey#"
SECONDS = 5.0
"""How long an environment believes what it read."""

Switch = Literal["running", "paused", "stopped"]


class JourneyControls:
    """``paused``: nothing begins and nothing is handed over until it runs again; ``stopped``: its runs end."""

    def __init__(self, catalog: Table, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = catalog
        self._monotonic = monotonic
        self._read: tuple[float, Mapping[str, Switch]] | None = None

    def read(self) -> Mapping[str, Switch]:
        """By journey; a journey that is not named runs."""
        now = self._monotonic()
        if self._read is None or now - self._read[0] >= SECONDS:
            page = self._table.query(PK, prefix=PREFIX)
            self._read = now, {item["sk"].removeprefix(PREFIX): item["state"] for item in page.items}
        return self._read[1]

    def of(self, journey: str) -> Switch:
        return self.read().get(journey, "running")

    def set(self, journey: str, state: Switch, at: datetime, by: str = "") -> None:
        self._table.put({"pk": PK, "sk": PREFIX + journey, "state": state, "at": time_text(at), "by": by})
        self._read = None
