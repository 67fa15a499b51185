"""The lake as four views of DuckDB: each row once, the newest of its key, without rows of who was erased."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from functions.measure import layout
from functions.measure.erasures import load_erased, not_erased, notes
from functions.measure.layout import Part, columns_of, names, part_of, same_key, text_sql
from functions.measure.raw_lines import split
from shared.domain.lake.tables import CUSTOMERS, TABLES, Table
from shared.ports.objects import NoSuchObject, Objects

log = logging.getLogger("kervan.measure")

ATTEMPTS = 20
FETCHED_AT_ONCE = 16


class LakeKeepsChanging(Exception):
    """Files were replaced again and again while they were read: ask again."""


@dataclass(frozen=True, slots=True)
class Days:
    """Rows outside of these days (of UTC, both included) may be left out. ``whole``: tables of which none is."""

    first: date | None = None
    last: date | None = None
    whole: frozenset[str] = frozenset({CUSTOMERS.name})

    def hold(self, part: Part) -> bool:
        if part.table in self.whole:
            return True
        day = date.fromisoformat(part.day)
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@contextmanager
def open_lake(
    objects: Objects,
    *,
    days: Days = Days(),
    scratch: Path | None = None,
    memory_mb: int = 1_000,
    threads: int = 2,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views ``events``, ``customers``, ``orders`` and ``outcomes``: what was handed on so far. A
    fifth view, ``customer_days``, has the last row of each customer and day: what customers were before.

    Objects of a bucket are copied to ``scratch``, where DuckDB also puts what does not fit in memory; all of it is
    taken away in the end.

    Raises
    ------
    LakeKeepsChanging
    """
    folder = Path(mkdtemp(prefix="lake-", dir=scratch))
    try:
        with contextlib.closing(connect(folder, memory_mb=memory_mb, threads=threads)) as connection:
            raw, parts = _fetched(objects, days, folder)
            erased = load_erased(connection, notes(objects, folder))
            tails, unreadable = split(raw, folder)
            if unreadable:
                log.warning("%d lines cannot be read", unreadable)
            for table in TABLES.values():
                files = {part: file for part, file in parts.items() if part.table == table.name}
                _view(connection, table, files, tails.get(table.name), erased=erased)
            yield connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(folder: Path, *, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in a file of ``folder``. Nothing is ever fetched from the network."""
    connection = duckdb.connect(
        str(folder / "lake.duckdb"),
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # it is drawn on standard output, where answers are
    return connection


def load_lines(connection: duckdb.DuckDBPyConnection, table: Table, lines: Path | None) -> None:
    """Make a table ``<name>_tail`` of the rows in a file of lines: of each key the newest; of customers that of each
    day, which tells what they were."""
    tail = f"{table.name}_tail"
    connection.execute(f"CREATE OR REPLACE TABLE {tail} ({columns_of(table)})")
    if lines is None:
        return
    types = layout.types_of(table)
    connection.execute(
        f"INSERT INTO {tail} SELECT {names(types)} FROM read_json({text_sql(str(lines))}, "
        f"format = 'newline_delimited', columns = {types}, ignore_errors = true) "
        f"QUALIFY {newest_first(table, by_day=table is CUSTOMERS)} = 1"
    )


def newest_first(table: Table, *, by_day: bool = False) -> str:
    """The place of a row among those of its key, or of its key and day. Rows that are equal in key and newest are the
    same row."""
    among = names(table.key) + (f", {layout.day_sql(table)}" if by_day else "")
    return f'row_number() OVER (PARTITION BY {among} ORDER BY "{table.newest}" DESC)'


def _fetched(objects: Objects, days: Days, folder: Path) -> tuple[list[Path], dict[Part, Path]]:
    """Files of raw lines and of parts, which together hold every row.

    Compaction writes a part, then deletes what it was made from. So raw lines are listed first: what is gone from there
    is in a part. A listing of many pages misses no row either: what replaces a part lies behind it in the listing. If
    something listed is gone, it is listed again; what was fetched before is not fetched twice.
    """
    for _ in range(ATTEMPTS):
        raw = [found.key for found in objects.listed(layout.RAW)]
        parts = _parts(objects, days)
        try:
            with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
                raw_files = list(pool.map(lambda key: objects.fetch(key, folder), raw))
                part_files = list(pool.map(lambda part: objects.fetch(part.key, folder), parts))
        except NoSuchObject:
            continue
        return raw_files, dict(zip(parts, part_files, strict=True))
    raise LakeKeepsChanging


def _parts(objects: Objects, days: Days) -> list[Part]:
    parts = (part_of(found.key) for found in objects.listed(layout.LAKE))
    return [part for part in parts if part is not None and days.hold(part)]


def _view(
    connection: duckdb.DuckDBPyConnection, table: Table, files: Mapping[Part, Path], lines: Path | None, *, erased: bool
) -> None:
    """The view of a table.

    In a part each key is there once. So days of one part need no comparing of rows, and only days of several parts and
    days that raw lines belong to are looked through. Rows of customers lie in the day of each decision, so there all
    days are compared.
    """
    load_lines(connection, table, lines)
    tail = f"{table.name}_tail"
    touched = {day for (day,) in connection.execute(f"SELECT DISTINCT {layout.day_sql(table)} FROM {tail}").fetchall()}
    counts: dict[str, int] = {}
    for part in files:
        counts[part.day] = counts.get(part.day, 0) + 1
    several = {day for day, count in counts.items() if count > 1}
    whole = table is CUSTOMERS
    compared = [file for part, file in files.items() if whole or part.day in several | touched]
    alone = [file for part, file in files.items() if not (whole or part.day in several | touched)]
    key, newest = names(table.key), f'"{table.newest}"'
    connection.execute(
        f"CREATE TABLE {table.name}_newest AS SELECT {key}, max({newest}) AS {newest} FROM "
        f"(SELECT {key}, {newest} FROM {_rows(table, compared)} UNION ALL SELECT {key}, {newest} FROM {tail}) "
        f"GROUP BY ALL"
    )
    columns = names(column.name for column in table.columns)
    connection.execute(
        f"CREATE VIEW {table.name} AS SELECT {columns} FROM ("
        f"SELECT * FROM {_rows(table, alone)} UNION ALL BY NAME "
        f"SELECT * FROM (SELECT * FROM {_rows(table, compared)} UNION ALL BY NAME SELECT * FROM {tail}) AS one "
        f"SEMI JOIN {table.name}_newest AS last ON {same_key(table, 'one', 'last')} AND one.{newest} = last.{newest} "
        f"QUALIFY {newest_first(table)} = 1)" + (not_erased(table) if erased else "")
    )
    if whole:
        connection.execute(
            f"CREATE VIEW {layout.CUSTOMER_DAYS} AS SELECT {columns} FROM (SELECT * FROM ("
            f"SELECT * FROM {_rows(table, compared)} UNION ALL BY NAME SELECT * FROM {tail}) "
            f"QUALIFY {newest_first(table, by_day=True)} = 1)" + (not_erased(table) if erased else "")
        )
    connection.execute(f"SELECT count(*) FROM {table.name} WHERE false")


def _rows(table: Table, files: Sequence[Path]) -> str:
    """The rows of files; columns that an older file lacks are empty."""
    if not files:
        return f"(SELECT * FROM {table.name}_tail WHERE false)"
    listed = ", ".join(text_sql(str(file)) for file in files)
    return (
        f"(SELECT * FROM {table.name}_tail WHERE false UNION ALL BY NAME SELECT * FROM "
        f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false))"
    )
