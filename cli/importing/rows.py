"""What the reading of a file yields: rows as they are, and rows that cannot be read with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEXT_KEPT = 2_000
"""Characters of a rejected row that are kept beside the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: names and values. ``end`` is the place after it, where line ``next_line`` begins."""

    line: int
    next_line: int
    end: int
    text: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One row that says nothing: why, in one sentence."""

    line: int
    next_line: int
    end: int
    text: str
    reason: str


def shown(data: bytes | None) -> str:
    """The beginning of a row for the file of rejected rows, whatever its bytes."""
    return "" if data is None else data[: 4 * TEXT_KEPT].decode("utf-8", "backslashreplace")[:TEXT_KEPT]
