"""The page about the lake names every column, and its questions can be asked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pytest

from functions.measure.layout import day_sql
from shared.domain.lake.tables import TABLES
from tests.support.lake_history import history
from tests.support.lake_tables import lake_of

pytestmark = pytest.mark.unit
PAGE = Path(__file__).resolve().parents[3] / "docs" / "lake.md"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_page_names_every_column(name: str) -> None:
    """With its kind and meaning, in the order of the code, and nothing else."""
    table = TABLES[name]
    _, _, below = PAGE.read_text("utf-8").partition(f"### {name}\n")
    section = below.partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in table.columns]
    assert f"Newest: `{table.newest}`. Day: `{table.day}`." in section


QUESTIONS = re.findall(r"```sql\n-- (duckdb|athena)\n(.+?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
FIRST_MS = 1_790_000_000_000
PAIRS = list(zip(QUESTIONS[::2], QUESTIONS[1::2], strict=True))


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """A lake of a random shop, with the column ``day`` that Athena's tables have."""
    told = history(Random(7), people=8, size=90)
    looked = [
        {"home": "u.a", "event": f"look-{n}", "at": FIRST_MS + n, "received_at": FIRST_MS, "product_id": f"p{n % 3}",
         "name": ("Product Viewed", "Product Added", "Page")[n % 5 % 3]}
        for n in range(40)
    ]  # fmt: skip
    with contextlib.closing(lake_of({**told, "events": [*told["events"], *looked]})) as connection:
        for table in TABLES.values():
            connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS athena; CREATE VIEW athena.{table.name} AS "
                f"SELECT *, {day_sql(table)} AS day FROM main.{table.name}"
            )
        yield connection


def test_there_are_five_questions_for_both_engines() -> None:
    assert [(one, other) for (one, _), (other, _) in PAIRS] == [("duckdb", "athena")] * 5


@pytest.mark.parametrize("place", range(5))
def test_both_engines_are_asked_the_same(place: int, lake: duckdb.DuckDBPyConnection) -> None:
    """Athena's statement is parsed as Athena's, translated, and answers as DuckDB's does; both answer something."""
    (_, ours), (_, theirs) = PAIRS[place]
    sqlglot = pytest.importorskip("sqlglot", reason="`make setup` installs it")
    parsed = sqlglot.parse_one(theirs, read="athena")
    assert not list(parsed.find_all(sqlglot.exp.Anonymous)), "functions that Athena's dialect does not know"
    translated = parsed.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    lake.execute("SET schema = 'main'")
    first = _dated(ours)
    found = lake.execute(first).fetchall()
    lake.execute("SET schema = 'athena'")
    assert lake.execute(_dated(translated)).fetchall() == found
    assert found


def _dated(statement: str) -> str:
    """From a day before the random shop's first."""
    return statement.replace("2026-11-01", "2020-01-01")
