"""Where the lake's files lie, and how the kinds of columns are written in Parquet and read from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.lake.tables import CUSTOMERS, Kind, Table

RAW = "raw/"
"""Lines of JSON as they were handed on, by the hour of their arrival; gzipped or not."""
LAKE = "lake/"
ROLLED = "rolled/"
"""Roll-ups: what reports need of many parts, in one file (rollups.py)."""
ERASED = "erased/"
"""Whom no reader sees: an object per erasure."""
PASSES = "passes/"
"""How far compaction has taken erased rows out."""
UNREADABLE = "failed/unreadable/"
"""Lines that are no rows."""
CUSTOMER_DAYS = "customer_days"
"""The view with the last row of each customer and day. So no day of customers is thrown away."""

_PART = re.compile(r"lake/([a-z]+)/day=([0-9]{4}-[0-9]{2}-[0-9]{2})/part-([0-9a-z-]+)\.parquet")
_MADE = re.compile(r"([0-9]{15})-[0-9a-f]+")
_TYPES: dict[Kind, str] = {
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
WRITTEN_AT = {"events": "received_at", "customers": "at", "orders": "decided_at", "outcomes": "changed_at"}
"""By table the instant at which a row was written, as far as it says so."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of rows of one table and day; within it each key is there once."""

    key: str
    table: str
    day: str
    made_ms: int = 0
    """When compaction made it. What replaces a part was made later, and so lies behind it in a listing."""


def part_of(key: str) -> Part | None:
    """None for what is no file of rows."""
    found = _PART.fullmatch(key)
    if found is None:
        return None
    made = _MADE.fullmatch(found[3])
    return Part(key, found[1], found[2], int(made[1]) if made else 0)


def home_column(table: Table) -> str:
    """The column that names the identifier whose row it is."""
    return "root" if table is CUSTOMERS else "home"


def part_key(table: str, day: str, name: str) -> str:
    return f"{LAKE}{table}/day={day}/part-{name}.parquet"


def part_name(made_ms: int, unique: str) -> str:
    """``unique``: digits and letters to f, so that two compactions at once never write one file."""
    return f"{made_ms:015d}-{unique}"


def columns_of(table: Table) -> str:
    """The columns with their types, as SQL declares them."""
    return ", ".join(f'"{column.name}" {_TYPES[column.kind]}' for column in table.columns)


def types_of(table: Table) -> dict[str, str]:
    return {column.name: _TYPES[column.kind] for column in table.columns}


def names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def same_key(table: Table, left: str, right: str) -> str:
    return " AND ".join(f'{left}."{name}" = {right}."{name}"' for name in table.key)


def day_sql(table: Table) -> str:
    """The day of a row, in UTC, as text."""
    return f"strftime(make_timestamp(\"{table.day}\" * 1000), '%Y-%m-%d')"


def text_sql(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
