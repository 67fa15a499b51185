"""The fake of ``LakeWriter``: keeps what was handed on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


class MemoryLake:
    """The contract suite runs on it and on Firehose's adapter alike."""

    def __init__(self) -> None:
        self.requests = 0
        self.lines: list[bytes] = []

    def hand_on(self, lines: Sequence[bytes]) -> None:
        self.requests += 1
        self.lines += lines

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of one table, in the order in which they were handed on."""
        rows = map(json.loads, self.lines)
        return [
            {name: value for name, value in row.items() if name != "table"} for row in rows if row["table"] == table
        ]
