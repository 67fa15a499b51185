"""A report answered by Athena is the one that DuckDB answers, and values have Python's types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from functions.measure.answer_report import RefusedReport
from functions.measure.athena_report import answer_by_athena
from functions.measure.erasures import Erased
from functions.measure.layout import WRITTEN_AT, home_column
from functions.measure.report import Question, answer
from functions.measure.report_files import read_report
from shared.adapters.athena import Athena, AthenaFailed
from shared.domain.lake.tables import TABLES, Row, Table
from shared.domain.measure.period import Period
from tests.support.lake_history import history
from tests.support.lake_tables import lake_of
from tests.support.report_oracle import NOW
from tests.support.trino import give_athena_tables, parsed, run
from tests.unit.measure.test_against_counts import ZONES, unique

pytestmark = pytest.mark.unit
PERIOD = Period(date(2026, 3, 20), date(2026, 4, 10), ZONES[0])
ASKED = {
    "report": "holdout", "from": "2026-03-20", "to": "2026-04-10", "segment": "", "compare": "true",
    "time_zone": "Europe/Istanbul", "currency": "TRY", "now": "2026-12-09T12:00:00+00:00",
}  # fmt: skip


class Told:
    """Answers as Athena does: a state that changes, then pages whose first line is the head."""

    def __init__(self, states: list[str], pages: list[list[list[str | None]]]) -> None:
        self.states, self.pages = states, pages
        self.asked: list[Mapping[str, Any]] = []

    def start_query_execution(self, **asked: Any) -> dict[str, str]:
        self.asked.append(asked)
        return {"QueryExecutionId": "1"}

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        return {"QueryExecution": {"Status": {"State": self.states.pop(0), "StateChangeReason": "Bytes scanned limit"}}}

    def get_query_results(self, QueryExecutionId: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        kinds = ("varchar", "bigint", "double", "decimal", "boolean", "date")
        lines = self.pages[int(NextToken)]
        rows = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in line]} for line in lines]
        columns = [{"Name": f"c{place}", "Type": kind} for place, kind in enumerate(kinds)]
        more = {"NextToken": str(int(NextToken) + 1)} if int(NextToken) + 1 < len(self.pages) else {}
        return {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": columns}}, **more}


def engine(told: Told) -> Athena:
    return Athena(told, workgroup="kervan-prod-lake", database="kervan_prod_lake", pause=lambda _: None)


def test_rows_have_types_and_come_in_pages() -> None:
    """The head is left out once; what is empty is None."""
    line: list[str | None] = ["a", "7", "0.5", "1.25", "true", "2026-11-29"]
    told = Told(["QUEUED", "RUNNING", "SUCCEEDED"], [[["c0"] * 6, line], [[None] * 6]])
    first, second = engine(told).query("SELECT 1")
    assert list(first.values()) == ["a", 7, 0.5, Decimal("1.25"), True, date(2026, 11, 29)]
    assert list(second.values()) == [None] * 6
    assert told.asked[0]["WorkGroup"] == "kervan-prod-lake"


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_fails_says_why(state: str) -> None:
    """Such as the limit of the workgroup."""
    with pytest.raises(AthenaFailed, match="Bytes scanned limit"):
        engine(Told([state], [])).query("SELECT 1")


@pytest.mark.parametrize("name", ["holdout", "overview"])
def test_the_answer_is_the_same(name: str) -> None:
    """With the period before beside it, and with what is computed behind SQL."""
    rows = unique(history(Random(4), people=8, size=120))
    lake = lake_of(rows)
    asked = Question(PERIOD, "TRY", NOW, compare=True)
    right = answer(lake, read_report(name), asked)
    give_athena_tables(lake)
    found = answer_by_athena(lambda one: run(lake.cursor(), parsed(one)), ASKED | {"report": name}, database="lake")
    assert json.dumps(found) == json.dumps(right)


@pytest.mark.parametrize("name", ["overview", "segments", "rfm"])
def test_who_was_erased_since_the_night_is_not_seen(name: str) -> None:
    """The answer is that of a lake without his rows: all until an instant, or those that are filed before one."""
    rows = unique(history(Random(4), people=8, size=120))
    until = 1_774_400_000_000
    homes = sorted({row["home"] for row in rows["events"]})
    notes = [Erased("one", 0, {homes[0]: until, homes[1]: until}, {homes[2]: until, homes[3]: until})]
    left = {table: [row for row in some if not _hidden(TABLES[table], row, notes[0])] for table, some in rows.items()}
    assert all(0 < len(left[table]) < len(rows[table]) for table in ("events", "customers", "outcomes"))
    right = answer(lake_of(left), read_report(name), Question(PERIOD, "TRY", NOW))
    lake = lake_of(rows)
    give_athena_tables(lake)
    asked = ASKED | {"report": name, "compare": ""}
    found = answer_by_athena(lambda one: run(lake.cursor(), parsed(one)), asked, database="lake", erased=notes)
    for table, wanted in zip(found["tables"], right["tables"], strict=True):
        assert table["rows"] == wanted["rows"], table["name"]
    with_all = answer(lake, read_report(name), Question(PERIOD, "TRY", NOW))
    assert [table["rows"] for table in with_all["tables"]] != [table["rows"] for table in found["tables"]]


def _hidden(table: Table, row: Row, note: Erased) -> bool:
    home = row[home_column(table)]
    return bool(row[WRITTEN_AT[table.name]] <= note.homes.get(home, -1) or row[table.day] < note.shared.get(home, -1))


def test_more_erased_people_than_a_statement_can_name_are_refused() -> None:
    many = [Erased("one", 0, {f"u.{n:022}": n for n in range(9_000)}, {})]
    with pytest.raises(RefusedReport, match="tomorrow"):
        answer_by_athena(lambda _: [], ASKED, database="lake", erased=many)


def test_days_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RefusedReport):
        answer_by_athena(lambda _: [], ASKED | {"from": "soon"}, database="lake")
