"""Rows of the lake that an invocation hands on together, and what must wait until that is done."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from shared.domain.lake.tables import Row, Table
from shared.ports.lake import LakeWriter

MANY_BYTES = 3_000_000
"""Who walks over many customers hands on when so much has come together."""


class LakeRows:
    """Rows told by any thread, handed on with one request.

    What marks work as done must wait for ``flush`` (``afterwards``): who crashes before it does the work again and
    tells the rows again, so that no row is lost.
    """

    def __init__(self, writer: LakeWriter) -> None:
        self._writer = writer
        self._lines: list[bytes] = []
        self._size = 0
        self._afterwards: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def hand_on(self, table: Table, *rows: Row) -> None:
        """Add rows of a table."""
        lines = [_line({"table": table.name, **row}) for row in rows]
        with self._lock:
            self._lines += lines
            self._size += sum(map(len, lines))

    def afterwards(self, done: Callable[[], None]) -> None:
        """Call this when everything that was told up to now is handed on."""
        with self._lock:
            self._afterwards.append(done)

    @property
    def many(self) -> bool:
        """Whether so much has come together that it is to be handed on."""
        return self._size >= MANY_BYTES

    def flush(self) -> None:
        """Hand on, then do what waited for it. Raises what the writer raises; then nothing is forgotten."""
        with self._lock:
            lines, waiting = self._lines, self._afterwards
            self._lines, self._size, self._afterwards = [], 0, []
        try:
            if lines:
                self._writer.hand_on(lines)
        except BaseException:
            with self._lock:
                self._lines, self._afterwards = lines + self._lines, waiting + self._afterwards
                self._size += sum(map(len, lines))
            raise
        for done in waiting:
            done()


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
