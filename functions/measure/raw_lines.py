"""Lines that were handed on, taken apart by table. A line that is none of ours stops nothing."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import orjson

from shared.domain.lake.tables import TABLES, Table

GZIP = b"\x1f\x8b"
LONGEST = 10_000_000
"""Bytes of a line; Firehose takes 1,000 KB in a record."""


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a file, gzipped or not: its first two bytes say so, whatever its name says."""
    with file.open("rb") as opened:
        packed = opened.read(2) == GZIP
    with gzip.open(file, "rb") if packed else file.open("rb") as lines:
        while line := lines.readline(LONGEST):
            if line := line.strip():
                yield line


def split(files: Iterable[Path], folder: Path, *, unreadable: Path | None = None) -> tuple[dict[str, Path], int]:
    """A file of lines per table that has any, and how many lines cannot be read; those go to the file ``unreadable``.

    A line without the columns that name and file a row cannot be read; nor can one that is no object of JSON.
    """
    found: dict[str, Path] = {}
    count = 0
    with ExitStack() as stack:
        opened: dict[str, IO[bytes]] = {}
        for file in files:
            for line in lines_of(file):
                table = _table_of(line)
                if table is None:
                    count += 1
                    if unreadable is not None:
                        if "" not in opened:
                            opened[""] = stack.enter_context(unreadable.open("wb"))
                        opened[""].write(line + b"\n")
                    continue
                if table not in opened:
                    found[table] = folder / f"{table}.json"
                    opened[table] = stack.enter_context(found[table].open("wb"))
                opened[table].write(line + b"\n")
    return found, count


def _table_of(line: bytes) -> str | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    table = TABLES.get(str(row.get("table"))) if isinstance(row, dict) else None
    return table.name if table is not None and _is_row(table, row) else None


def _is_row(table: Table, row: dict[str, Any]) -> bool:
    """Instants beyond the year 9999 or before 1 have no day."""
    named = all(isinstance(row.get(name), str) and row[name] for name in table.key)
    return named and type(row.get(table.newest)) is int and _is_instant(row.get(table.day))


def _is_instant(value: object) -> bool:
    return type(value) is int and -62_135_596_800_000 <= value < 253_402_300_800_000
