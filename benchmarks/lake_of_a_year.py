"""A made-up lake of a year, as compaction leaves it: Parquet by day. DuckDB writes it in a few minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from functions.measure.layout import columns_of, day_sql, text_sql
from shared.domain.lake.tables import TABLES, Table

DAY = 86_400_000
DAYS = 365
START = 1_764_547_200_000
"""2025-12-01 00:00 UTC."""
_STATEMENT = re.compile(r"^-- table: ([a-z]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Size:
    events: int = 10_000_000
    messages: int = 1_000_000
    customers: int = 400_000
    orders: int = 600_000


FULL = Size()


def write(folder: Path, size: Size) -> None:
    """Visits, answers to messages, orders and messages, spread evenly; the same size gives the same lake."""
    _, *parts = _STATEMENT.split(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    statements = dict(zip(parts[::2], parts[1::2], strict=True))
    database = folder / "made.duckdb"
    with duckdb.connect(str(database), config={"threads": 2, "memory_limit": "2GB"}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        values = {
            "customers": size.customers,
            "messages": size.messages,
            "visits": size.events - 2 * size.messages,
            "orders": size.orders,
            "start": START,
            "span": DAYS * DAY,
        }
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = {value}::BIGINT")
        connection.execute(statements["macros"])
        for table in TABLES.values():
            _write(connection, table, statements[table.name], folder)
    database.unlink()


def _write(connection: duckdb.DuckDBPyConnection, table: Table, statement: str, folder: Path) -> None:
    connection.execute(f"CREATE TABLE {table.name} ({columns_of(table)})")
    connection.execute(f"INSERT INTO {table.name} BY NAME {statement}")
    target = folder / "lake" / table.name
    target.mkdir(parents=True)
    rows = f"SELECT *, {day_sql(table)} AS day FROM {table.name}"  # noqa: S608 - the name of a table of ours
    connection.execute(
        f"COPY ({rows}) TO {text_sql(str(target))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), "
        f"FILENAME_PATTERN 'part-{{i}}')"
    )
    connection.execute(f"DROP TABLE {table.name}")
