"""Erasing a customer removes exactly his rows, from what customers were too; rows of others stay as they were."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, cast

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from functions.measure import layout
from functions.measure.compaction import Compaction
from functions.measure.erasures import Erased, load_erased, rows_of
from functions.measure.lake_reader import connect, open_lake
from functions.measure.layout import CUSTOMER_DAYS, home_column
from shared.adapters.folder_objects import FolderObjects
from shared.domain.lake.tables import CUSTOMERS, TABLES
from shared.stores.lake_erasures import note_erasure
from tests.support.cases import UNIT, cases
from tests.support.lake_rows import HOMES, START, NamedRow, put_raw, rows

pytestmark = UNIT
HOUR = 3_600_000
LATER = START + 100 * 24 * HOUR
"""After all that the rows tell."""


def counted(root: Path, without: str = "") -> dict[str, Counter[str]]:
    """By view how often each row is there, but for those of one identifier."""
    homes = {name: home_column(table) for name, table in TABLES.items()} | {CUSTOMER_DAYS: home_column(CUSTOMERS)}
    with open_lake(FolderObjects(root), memory_mb=200) as lake:
        return {
            name: Counter(str(row) for row in lake.sql(f"SELECT {home}, * FROM {name}").fetchall() if row[0] != without)
            for name, home in homes.items()
        }


def night(root: Path, now_ms: int) -> None:
    Compaction(FolderObjects(root), now_ms=now_ms, memory_mb=200).run(night=True)


@cases(3, 200)
@given(st.lists(rows(), min_size=5, max_size=30), st.lists(rows(), max_size=10), st.sampled_from(HOMES))
def test_exactly_his_rows_are_gone(compacted: list[NamedRow], fresh: list[NamedRow], him: str) -> None:
    """At once for readers, and after the night from the files; every other row is there as often as before."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        objects = FolderObjects(root)
        put_raw(root, "2026/11/29/10/file", compacted, packed=True)
        night(root, LATER)
        put_raw(root, "2026/11/29/11/file", fresh, packed=True)
        others = counted(root, without=him)
        note_erasure(objects, "case", {him: LATER}, LATER + 1)
        assert counted(root) == others
        night(root, LATER + 1 + 2 * HOUR)
        assert counted(root) == others
        for note in list(objects.listed(layout.ERASED)):
            (root / note.key).unlink()  # nobody hides him any more: he is gone from the files
        assert counted(root) == others
        assert list(objects.listed(layout.RAW)) == []


class Statements:
    """A connection that only runs statements one by one, and counts them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.count = 0

    def execute(self, *given: Any) -> duckdb.DuckDBPyConnection:
        self.count += 1
        return self._connection.execute(*given)


def test_however_many_are_erased_it_takes_two_statements(tmp_path: Path) -> None:
    """Each report asks who was erased: row by row a thousand people took ten seconds."""
    notes = [Erased(f"n{number}", 1, {f"h{number}": number}, {f"s{number}": 5}) for number in range(50)]
    with contextlib.closing(connect(tmp_path, memory_mb=200, threads=1)) as connection:
        statements = Statements(connection)
        assert load_erased(cast("Any", statements), notes)
        assert Counter(connection.sql("FROM erased").fetchall()) == Counter(rows_of(notes))
    assert statements.count == 2


def test_an_identifier_is_one_row_however_many_notes_name_it() -> None:
    """Each erasure looks twice. A statement of Athena has room for some 3,000 rows."""
    first = Erased("a-1", 1, {"h": 7, "i": 3}, {"s": 9})
    second = Erased("a-2", 2, {"h": 5, "s": 4}, {"s": 8, "t": 1})
    found = [("h", 7, None), ("i", 3, None), ("s", 4, 9), ("t", None, 1)]
    assert sorted(rows_of([first, second])) == sorted(rows_of([second, first])) == found
