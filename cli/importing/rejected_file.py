"""The rows that are not in, with line and reason: FILE.rejected.ndjson."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from cli.failure import of_disk
from cli.importing.batches import Rejected

SUFFIX = ".rejected.ndjson"


class RejectedFile:
    """Made when the first row is rejected; readable by its owner only, as it holds what the rows held."""

    def __init__(self, imported: Path) -> None:
        self.path = imported.with_name(imported.name + SUFFIX)

    def begin(self, at: int) -> None:
        """Forget what an earlier import rejected, or what an interrupted one wrote behind the place ``at``."""
        try:
            if at == 0:
                self.path.unlink(missing_ok=True)
            elif self.path.exists() and self.path.stat().st_size > at:
                os.truncate(self.path, at)
        except OSError as problem:
            raise of_disk(problem, f"cutting {self.path}") from problem

    def write(self, rows: Iterable[Rejected], at: int) -> int:
        """Rows at the place ``at``; whatever an interrupted run wrote behind it goes. The place after them.

        Raises
        ------
        Failure
            If the disk does not take it.
        """
        lines = [
            json.dumps({"line": row.line, "reason": row.reason, "row": row.text}, ensure_ascii=False) + "\n"
            for row in rows
        ]
        if not lines:
            return at
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                place = min(at, file.seek(0, os.SEEK_END))  # somebody may have moved the file away meanwhile
                file.truncate(place)
                file.seek(place)
                file.write("".join(lines).encode("utf-8", "backslashreplace"))
                file.flush()
                os.fsync(file.fileno())
                return file.tell()
        except OSError as problem:
            raise of_disk(problem, f"writing {self.path}") from problem
