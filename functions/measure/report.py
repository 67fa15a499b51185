"""Answers a report from the lake's views: events, customers, customer_days, orders, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from functions.measure.base import needed_parts, reads
from functions.measure.finish import FINISHES
from functions.measure.lake_reader import VIEWS
from functions.measure.report_files import Report, TableHead, head_json, table_json
from shared.domain.measure.period import Period

_ASKED = """CREATE OR REPLACE TEMP TABLE asked AS SELECT
  $from_ms::BIGINT AS from_ms, $to_ms::BIGINT AS to_ms, $zone::VARCHAR AS zone, $currency::VARCHAR AS currency,
  $segment::VARCHAR AS segment, $now_ms::BIGINT AS now_ms, $email_price::DECIMAL(18,6) AS email_price,
  $sms_price::DECIMAL(18,6) AS sms_price, $push_price::DECIMAL(18,6) AS push_price"""
_MACROS = """
CREATE OR REPLACE TEMP MACRO asked_segment() AS getvariable('segment');
CREATE OR REPLACE TEMP MACRO shop_currency() AS getvariable('currency');
CREATE OR REPLACE TEMP MACRO from_ms() AS CAST(getvariable('from_ms') AS BIGINT);
CREATE OR REPLACE TEMP MACRO to_ms() AS CAST(getvariable('to_ms') AS BIGINT);
CREATE OR REPLACE TEMP MACRO now_ms() AS CAST(getvariable('now_ms') AS BIGINT);
CREATE OR REPLACE TEMP MACRO email_price() AS CAST(getvariable('email_price') AS DECIMAL(18,6));
CREATE OR REPLACE TEMP MACRO sms_price() AS CAST(getvariable('sms_price') AS DECIMAL(18,6));
CREATE OR REPLACE TEMP MACRO push_price() AS CAST(getvariable('push_price') AS DECIMAL(18,6));
CREATE OR REPLACE TEMP MACRO key_of(name) AS hash(name);
CREATE OR REPLACE TEMP MACRO day_of(moment) AS date_diff('day', DATE '1970-01-01', CAST(moment AS DATE));
CREATE OR REPLACE TEMP MACRO date_of(days) AS DATE '1970-01-01' + CAST(days AS INTEGER);
CREATE OR REPLACE TEMP MACRO local_time(ms) AS epoch_ms(ms) AT TIME ZONE 'UTC' AT TIME ZONE getvariable('zone')"""
Row = dict[str, Any]
Found = Mapping[str, list[Row]]
"""By table of a report what its statement finds."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a report. ``segment``: '' for everybody; else only who is in it today counts. ``prices``: what
    the shop pays for a message, by ``email``, ``sms`` (a part) and ``push``, as far as it said so."""

    period: Period
    currency: str
    now_ms: int
    segment: str = ""
    compare: bool = False
    prices: Mapping[str, Decimal] = field(default_factory=dict)


def answer(
    connection: duckdb.DuckDBPyConnection, report: Report, asked: Question, go_on: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The report as JSON, computed by DuckDB.

    ``connection`` has the five views. With ``compare`` each row has ``before``: its numbers in the period before.
    ``go_on`` is called before each statement and raises if the time is over.
    """

    def found(period: Period) -> Found:
        prepare(connection, report, asked, period, go_on, again=period != asked.period)
        made = {}
        for name, statement in report.statements.items():
            go_on()
            made[name] = _rows(connection.execute(statement))
        return made

    return composed(report, asked, found)


def composed(report: Report, asked: Question, found: Callable[[Period], Found]) -> dict[str, Any]:
    """The report as JSON, of what ``found`` says of a period: what the statement of each table finds."""
    tables = _tables(report, found(asked.period))
    if asked.compare:
        then = _tables(report, found(asked.period.before()))
        for table in report.head.tables:
            earlier = _later(table, then[table.name], asked.period.days)
            tables[table.name] = _beside(table, tables[table.name], earlier)
    before = asked.period.before() if asked.compare else None
    return head_json(report) | {
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "days": asked.period.days,
        "before": {"from": before.first.isoformat(), "to": before.last.isoformat()} if before else None,
        "time_zone": asked.period.zone.key,
        "currency": asked.currency,
        "segment": asked.segment or None,
        "tables": [table_json(table) | {"rows": tables[table.name]} for table in report.head.tables],
    }


def asked_values(asked: Question, period: Period) -> dict[str, Any]:
    """By column of the table ``asked`` its value."""
    return {
        "from_ms": period.starts_ms,
        "to_ms": period.ends_ms,
        "zone": period.zone.key,
        "currency": asked.currency,
        "segment": asked.segment,
        "now_ms": asked.now_ms,
        **{f"{channel}_price": asked.prices.get(channel) for channel in ("email", "sms", "push")},
    }


def _ask(connection: duckdb.DuckDBPyConnection, asked: Question, period: Period) -> None:
    values = asked_values(asked, period)
    connection.execute(_ASKED, values)
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    connection.execute(_MACROS)


def views_of(report: Report) -> frozenset[str]:
    """What the report reads of the lake: its views, and rolled parts of the base."""
    own = [*report.shared.values(), *report.statements.values()]
    parts = needed_parts(own)
    read = {name for text in [*own, *(part.statement for part in parts if not part.rolled)] for name in reads(text)}
    return frozenset(read & VIEWS | {part.name for part in parts if part.rolled})


def prepare(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    asked: Question,
    period: Period,
    go_on: Callable[[], None] = lambda: None,
    *,
    again: bool = False,
) -> None:
    """Make the parts of the base that the report reads, and what its own tables share; each is computed once.

    ``again``: for another period of the same question; parts that serve every period stay.
    """
    _ask(connection, asked, period)
    there = {name for (name,) in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    for part in needed_parts([*report.shared.values(), *report.statements.values()]):
        if (part.of_period or not again) and not (part.rolled and part.name in there):
            go_on()
            connection.execute(f"CREATE OR REPLACE TEMP {part.made_as} {part.name} AS {part.statement}")
    for name, statement in report.shared.items():
        go_on()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement}")


def _tables(report: Report, found: Found) -> dict[str, list[Row]]:
    made = {}
    for table in report.head.tables:
        rows = FINISHES[table.finish](found[table.name]) if table.finish else found[table.name]
        made[table.name] = [{name: _value(row[name]) for name in table.columns} for row in rows]
    return made


def _rows(found: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _beside(table: TableHead, rows: list[Row], before: list[Row]) -> list[Row]:
    """Each row with the numbers of the period before; rows that only the period before has come last."""
    numbers = [name for name in table.columns if name not in table.key]
    found = {tuple(row[name] for name in table.key): row for row in before}
    joined = []
    for row in rows:
        then = found.pop(tuple(row[name] for name in table.key), None)
        joined.append(row | {"before": then and {name: then[name] for name in numbers}})
    gone = [
        {name: row[name] if name in table.key else None for name in table.columns}
        | {"before": {name: row[name] for name in numbers}}
        for row in found.values()
    ]
    return joined + gone


def _later(table: TableHead, rows: list[Row], days: int) -> list[Row]:
    """Rows of the period before with their days moved on, so that a first day stands beside a first day."""
    moved = [name for name in table.key if table.columns[name].kind == "date"]
    shift = timedelta(days=days)
    return [row | {name: (date.fromisoformat(row[name]) + shift).isoformat() for name in moved} for row in rows]


def _value(value: Any) -> Any:
    """A value of DuckDB as JSON has it."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case float():
            return round(value, 6)
        case datetime() | date():
            return value.isoformat()[:10]
        case _:
            return value
