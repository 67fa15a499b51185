"""The port of a clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The one place where a function takes now from (aware, UTC)."""

    def now(self) -> datetime: ...
