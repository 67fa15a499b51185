"""A made-up lake of a year, as compaction leaves it: Parquet by day. DuckDB writes it in a few minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from functions.measure.compaction import ROWS_IN_GROUP
from functions.measure.layout import columns_of, day_sql, names, text_sql
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
    decisions: int = 2_000_000
    """Rows of customers: the last of each customer and day. Four visits a day make one."""
    orders: int = 600_000


FULL = Size()


def write(folder: Path, size: Size) -> None:
    """Visits, answers to messages, orders and messages, spread evenly; the same size gives the same lake."""
    _, *parts = _STATEMENT.split(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    statements = dict(zip(parts[::2], parts[1::2], strict=True))
    database = folder / "made.duckdb"
    with duckdb.connect(str(database), config={"threads": 2, "memory_limit": "2GB"}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        values = {
            "customers": size.customers,
            "decisions": size.decisions,
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
    # Names of tables and columns are ours.
    connection.execute(f"CREATE TABLE {table.name} ({columns_of(table)})")
    rows = f'SELECT * FROM ({statement.strip().rstrip(";")}) ORDER BY "{table.day}"'  # noqa: S608
    connection.execute(f"INSERT INTO {table.name} BY NAME {rows}")
    target = folder / "lake" / table.name
    day = day_sql(table)
    for (value,) in connection.execute(f"SELECT DISTINCT {day} FROM {table.name} ORDER BY 1").fetchall():  # noqa: S608
        file = target / f"day={value}" / f"part-{START:015d}-ab.parquet"
        file.parent.mkdir(parents=True)
        first = f"epoch_ms(DATE '{value}')"
        within = f'"{table.day}" >= {first} AND "{table.day}" < {first} + {DAY}'
        rows = f"SELECT * FROM {table.name} WHERE {within} ORDER BY {names(table.key)}"  # noqa: S608
        form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_IN_GROUP}"
        connection.execute(f"COPY ({rows}) TO {text_sql(str(file))} ({form})")
    connection.execute(f"DROP TABLE {table.name}")
