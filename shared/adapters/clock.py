"""Now. Functions take it from here and hand it on as an argument; on the local stage a file shifts it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The system's time plus the ``offset_seconds`` of a JSON file, read each time (local stage only)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        try:
            offset = float(json.loads(self._path.read_text())["offset_seconds"])
        except FileNotFoundError:
            offset = 0.0
        return datetime.now(UTC) + timedelta(seconds=offset)


def clock_for(path: str) -> SystemClock | ShiftedClock:
    """The clock of a function: shifted if the environment names a file, else the system's."""
    return ShiftedClock(Path(path)) if path else SystemClock()
