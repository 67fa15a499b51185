"""Now. Functions take it from here and hand it on as an argument; on the local stage a file shifts it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
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


def clock_file(environment: Mapping[str, str]) -> str:
    """The file that shifts the time of a function; "" on every stage but ``local``, whatever the environment says.

    Raises
    ------
    KeyError
        If the environment names no stage.
    """
    return environment.get("KERVAN_CLOCK", "") if environment["KERVAN_STAGE"] == "local" else ""


def clock_for(path: str) -> SystemClock | ShiftedClock:
    """The clock of a function: shifted if the environment names a file, else the system's."""
    return ShiftedClock(Path(path)) if path else SystemClock()


def elapsed_for(path: str) -> Callable[[], float]:
    """What counts the seconds for which a function believes what it read: the time of the process, which never jumps.
    If the environment names a file, the shifted time: what was read before the clock moved by two days is old then."""
    clock = clock_for(path)
    return (lambda: clock.now().timestamp()) if path else time.monotonic
