"""The views of the lake over its files: each row once, the newest of its key, without rows of who was erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from functions.measure import layout
from functions.measure.erasures import is_erased_key, not_erased
from functions.measure.layout import Part, columns_of, names, same_key, text_sql
from functions.measure.rollups import rolled, source_of, statement_over, table_of
from shared.domain.lake.tables import CUSTOMERS, Table

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class RolledFile:
    """A roll-up. ``without``: days whose rows do not count, because their parts are others now. ``between``: the days,
    both included, outside of which no row counts."""

    file: Path
    without: tuple[str, ...] = ()
    between: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a view lie: parts, roll-ups, and the tail of its table. ``touched``: the days of the tail."""

    parts: Mapping[Part, Path]
    touched: frozenset[str]
    rolled: tuple[RolledFile, ...] = ()

    def alone(self) -> list[Path]:
        """Parts of days that have no other rows: each key is there once."""
        several = self._several()
        return [file for part, file in self.parts.items() if part.day not in several]

    def compared(self) -> list[Path]:
        several = self._several()
        return [file for part, file in self.parts.items() if part.day in several]

    def _several(self) -> frozenset[str]:
        counts = Counter(part.day for part in self.parts)
        return self.touched | {day for day, count in counts.items() if count > 1}


def load_lines(connection: duckdb.DuckDBPyConnection, table: Table, lines: Path | None) -> None:
    """Make a table ``<name>_tail`` of the rows in a file of lines that are not erased: of each key the newest; of
    customers that of each day, which tells what they were."""
    tail = f"{table.name}_tail"
    connection.execute(f"CREATE OR REPLACE TABLE {tail} ({columns_of(table)})")
    if lines is None:
        return
    types = layout.types_of(table)
    connection.execute(
        f"INSERT INTO {tail} SELECT {names(types)} FROM read_json({text_sql(str(lines))}, "
        f"format = 'newline_delimited', columns = {types}, ignore_errors = true){not_erased(table)} "
        f"QUALIFY {newest_first(table, by_day=table is CUSTOMERS)} = 1"
    )


def newest_first(table: Table, *, by_day: bool = False) -> str:
    """The place of a row among those of its key, or of its key and day. Rows that are equal in key and newest are the
    same row."""
    among = names(table.key) + (f", {layout.day_sql(table)}" if by_day else "")
    return f'row_number() OVER (PARTITION BY {among} ORDER BY "{table.newest}" DESC)'


def view_of_rows(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, source: Source, *, erased: bool
) -> None:
    """Only days of several parts and days that raw lines belong to are looked through."""
    _newest_view(connection, name, table, source.alone(), source.compared(), erased=erased)


def view_of_days(connection: duckdb.DuckDBPyConnection, name: str, source: Source, *, erased: bool) -> None:
    """The last row of each customer and day."""
    columns = names(column.name for column in CUSTOMERS.columns)
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns} FROM (SELECT * FROM {_rows(CUSTOMERS, source.alone(), erased)} "
        f"UNION ALL BY NAME SELECT * FROM (SELECT * FROM {_rows(CUSTOMERS, source.compared(), erased)} "
        f"UNION ALL BY NAME SELECT * FROM {CUSTOMERS.name}_tail) QUALIFY {newest_first(CUSTOMERS, by_day=True)} = 1)"
    )


def view_of_customers(connection: duckdb.DuckDBPyConnection, source: Source, *, erased: bool) -> None:
    """The newest row of each customer. Rows lie in the day of each decision, so all days are compared, unless a
    roll-up did so: then what is newer is laid over it."""
    name, files = CUSTOMERS.name, list(source.parts.values())
    if not source.rolled:
        _newest_view(connection, name, CUSTOMERS, [], files, erased=erased)
        return
    columns = names(column.name for column in CUSTOMERS.columns)
    connection.execute(
        f"CREATE TABLE {name}_later AS SELECT {columns} FROM (SELECT * FROM {_rows(CUSTOMERS, files, erased)} "
        f"UNION ALL BY NAME SELECT * FROM {name}_tail) QUALIFY {newest_first(CUSTOMERS)} = 1"
    )
    rolled_rows = _rows(CUSTOMERS, [one.file for one in source.rolled], erased)
    connection.execute(
        f"DELETE FROM {name}_later AS later USING {rolled_rows} AS one "
        f"WHERE later.root = one.root AND one.version > later.version"
    )
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns} FROM (SELECT * FROM {rolled_rows} AS one WHERE NOT EXISTS ("
        f"FROM {name}_later AS later WHERE later.root = one.root) UNION ALL BY NAME SELECT * FROM {name}_later)"
    )


def view_of_roll_ups(connection: duckdb.DuckDBPyConnection, name: str, source: Source, *, erased: bool) -> None:
    """What reports need of a table: of most days from roll-ups, of the others computed of their rows."""
    part, table, rest = rolled()[name], table_of(name), f"{name}_rest"
    if source_of(part) == layout.CUSTOMER_DAYS:
        view_of_days(connection, rest, source, erased=erased)
    else:
        view_of_rows(connection, rest, table, source, erased=erased)
    made = [statement_over(part, rest)]
    whole = [one.file for one in source.rolled if one == RolledFile(one.file)]
    if whole:
        made.append(_stored(whole, table, [], erased=erased))
    cut = [one for one in source.rolled if one.file not in whole]
    made += [_stored([one.file], table, _within(one, table), erased=erased) for one in cut]
    connection.execute(f"CREATE VIEW {name} AS " + " UNION ALL BY NAME ".join(made))


def _within(one: RolledFile, table: Table) -> list[str]:
    """The conditions of rows that count."""
    at = f'row."{table.day}"'
    said = [f"NOT ({at} >= {_start_ms(day)} AND {at} < {_start_ms(day) + DAY_MS})" for day in one.without]
    if one.between:
        first, last = one.between
        said.append(f"{at} >= {_start_ms(first)} AND {at} < {_start_ms(last) + DAY_MS}")
    return said


def _stored(files: Sequence[Path], table: Table, conditions: list[str], *, erased: bool) -> str:
    listed = ", ".join(text_sql(str(file)) for file in files)
    if erased:
        conditions = [*conditions, f"NOT EXISTS (FROM erased WHERE {is_erased_key(table)})"]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false) AS row{where}"


def _start_ms(day: str) -> int:
    return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000


def _newest_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: Table,
    alone: Sequence[Path],
    compared: Sequence[Path],
    *,
    erased: bool,
) -> None:
    tail, key, newest = f"{table.name}_tail", names(table.key), f'"{table.newest}"'
    connection.execute(
        f"CREATE TABLE {name}_newest AS SELECT {key}, max({newest}) AS {newest} FROM "
        f"(SELECT {key}, {newest} FROM {_rows(table, compared, erased)} UNION ALL SELECT {key}, {newest} FROM {tail}) "
        f"GROUP BY ALL"
    )
    columns = names(column.name for column in table.columns)
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns} FROM ("
        f"SELECT * FROM {_rows(table, alone, erased)} UNION ALL BY NAME "
        f"SELECT * FROM (SELECT * FROM {_rows(table, compared, erased)} UNION ALL BY NAME SELECT * FROM {tail}) AS one "
        f"SEMI JOIN {name}_newest AS last ON {same_key(table, 'one', 'last')} AND one.{newest} = last.{newest} "
        f"QUALIFY {newest_first(table)} = 1)"
    )


def _rows(table: Table, files: Sequence[Path], erased: bool) -> str:
    """The rows of files that are not erased; columns that an older file lacks are empty. Who comes back after an
    erasure begins with a low version again, so an erased row must not be compared with his."""
    if not files:
        return f"(SELECT * FROM {table.name}_tail WHERE false)"
    listed = ", ".join(text_sql(str(file)) for file in files)
    hidden = not_erased(table) if erased else ""
    return (
        f"(SELECT * FROM (SELECT * FROM {table.name}_tail WHERE false UNION ALL BY NAME SELECT * FROM "
        f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)){hidden})"
    )
