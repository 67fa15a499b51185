"""Rows of the lake as the four views that reports read, in DuckDB in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from shared.domain.lake.tables import TABLES, Row, Table

_TYPES = {
    "text": "VARCHAR",
    "texts": "VARCHAR[]",
    "instant": "BIGINT",
    "money": "DECIMAL(18,2)",
    "number": "DECIMAL(18,4)",
    "count": "BIGINT",
    "flag": "BOOLEAN",
    "products": "STRUCT(product_id VARCHAR, category VARCHAR, price DECIMAL(18,2), quantity BIGINT)[]",
    "steps": 'STRUCT(step VARCHAR, became VARCHAR, "which" VARCHAR, "at" BIGINT, "by" VARCHAR)[]',
    "times": "MAP(VARCHAR, BIGINT)",
}
Lake = Mapping[str, Iterable[Row]]


def lake_of(rows: Lake) -> duckdb.DuckDBPyConnection:
    """A connection whose views show each row once, the newest of its key."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    for table in TABLES.values():
        _load(connection, table, rows.get(table.name, ()))
    connection.execute(
        "CREATE VIEW customer_days AS SELECT * FROM customers_rows QUALIFY row_number() OVER "
        '(PARTITION BY root, "at" // 86400000 ORDER BY version DESC) = 1'
    )
    return connection


def _load(connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Row]) -> None:
    columns = ", ".join(f'"{column.name}" {_TYPES[column.kind]}' for column in table.columns)
    connection.execute(f"CREATE TABLE {table.name}_rows ({columns})")
    lines = [json.dumps(row) for row in rows]
    if lines:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.json"
            file.write_text("\n".join(lines), "utf-8")
            types = {column.name: _TYPES[column.kind] for column in table.columns}
            connection.execute(
                f"INSERT INTO {table.name}_rows BY NAME SELECT * FROM read_json($file, format = 'newline_delimited', "
                f"columns = {types})",
                {"file": str(file)},
            )
    key = ", ".join(table.key)
    connection.execute(
        f"CREATE VIEW {table.name} AS SELECT * FROM {table.name}_rows "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {table.newest} DESC) = 1"
    )
