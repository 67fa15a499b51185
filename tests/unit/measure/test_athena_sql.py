"""Every report's translation for Athena: Trino knows its words, and it finds what DuckDB finds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.measure.athena_sql import athena_statements
from functions.measure.report import Question, asked_values, prepare
from functions.measure.report_files import read_report, report_names
from tests.support.cases import UNIT, cases
from tests.support.lake_history import history
from tests.support.lake_tables import lake_of
from tests.support.report_oracle import NOW, PRICES
from tests.support.trino import FUNCTIONS, RESERVED, called, give_athena_tables, parsed, run, unquoted_names
from tests.unit.measure.test_against_counts import ZONES, period_of, unique

pytestmark = UNIT
LONGEST = 262_144
"""Bytes of a statement that Athena takes."""


def statements(name: str, asked: Question) -> dict[str, str]:
    values = asked_values(asked, asked.period)
    return athena_statements(read_report(name), values, database="lake", first_day="2000-01-01")


@pytest.mark.parametrize("name", report_names())
@cases(1, 60)
@given(st.integers(min_value=0, max_value=2**32))
def test_trino_knows_every_word_and_finds_what_duckdb_finds(name: str, seed: int) -> None:
    """It parses as Athena's, calls functions of Trino only, and names nothing by a reserved word. Translated back, it
    finds the same over rows that are there as often as they were written."""
    random = Random(seed)
    rows = unique(history(random, people=random.choice((1, 3, 8)), size=random.choice((0, 30, 60))))
    period = period_of(random, random.choice(ZONES))
    asked = Question(period, "TRY", NOW, random.choice(("", "loyal", "it's \" none")), prices=PRICES)
    lake = lake_of(rows)
    give_athena_tables(lake)
    report = read_report(name)
    prepare(lake, report, asked, period)
    for table, statement in statements(name, asked).items():
        found = lake.execute(report.statements[table])
        names = [column[0] for column in found.description or ()]
        right = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        tree = parsed(statement)
        assert not unquoted_names(tree) & RESERVED, (name, table)
        assert called(statement) <= FUNCTIONS, (name, table)
        assert len(statement.encode()) < LONGEST
        assert as_read(run(lake, tree), names) == as_read(right, names), (name, table)


def as_read(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, Any]]:
    """Numbers of either engine alike; persons by number or by name are not compared."""
    return [{name: _read(row[name]) for name in columns if name != "person"} for row in rows]


def _read(value: Any) -> Any:
    if isinstance(value, datetime):  # DuckDB's sum of a date and days
        value = value.date()
    return round(float(value), 6) if isinstance(value, int | float | Decimal) else value


def test_a_segment_is_a_value_whatever_it_says() -> None:
    asked = Question(period_of(Random(1), ZONES[0]), "TRY", NOW, "x' OR '1'='1")
    for statement in statements("overview", asked).values():
        assert "x'' OR ''1''=''1" in statement
