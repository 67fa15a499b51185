"""The reader shows each row once, whatever files it lies in."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.measure import layout
from functions.measure.lake_reader import Days, LakeKeepsChanging, connect, open_lake
from functions.measure.lake_views import load_lines
from functions.measure.raw_lines import split
from shared.adapters.folder_objects import FolderObjects
from shared.domain.lake.tables import EVENTS, TABLES
from shared.ports.objects import NoSuchObject
from shared.stores.lake_erasures import note_erasure
from tests.support.cases import UNIT, cases
from tests.support.lake_rows import START, NamedRow, check_lake, current, put_raw, rows, shown

pytestmark = UNIT


def put_part(root: Path, name: str, told: list[NamedRow]) -> None:
    """Parts of these rows, a file per table and day."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        put_raw(folder, "lines", told, packed=False)
        files, _ = split([folder / "raw" / "lines"], folder)
        connection = connect(folder, memory_mb=200, threads=1)
        for table in TABLES.values():
            load_lines(connection, table, files.get(table.name))
            day = layout.day_sql(table)
            for (value,) in connection.execute(f"SELECT DISTINCT {day} FROM {table.name}_tail").fetchall():
                target = root / layout.part_key(table.name, value, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f"COPY (FROM {table.name}_tail WHERE {day} = '{value}') TO '{target}' (FORMAT parquet)"
                )
        connection.close()


@cases(8, 500)
@given(st.lists(st.tuples(rows(), st.integers(0, 4)), max_size=30))
def test_rows_lie_anywhere(told: list[tuple[NamedRow, int]]) -> None:
    """In raw files, packed or not, and in parts; doubled, in any order: each key once, the newest."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for place in range(5):
            here = [row for row, where in told if where == place]
            if place < 2:
                put_raw(root, f"2026/11/29/1{place}/file", here, packed=place == 1)
            else:
                put_part(root, str(place), here)
        with open_lake(FolderObjects(root)) as connection:
            check_lake(root, [row for row, _ in told], connection)


def test_an_empty_lake_has_its_views(tmp_path: Path) -> None:
    with open_lake(FolderObjects(tmp_path)) as connection:
        for table in TABLES.values():
            assert shown(connection, table) == {}


def test_lines_that_are_none_of_ours_stop_nothing(tmp_path: Path) -> None:
    """Broken JSON, other tables, no key, an instant without a day, a value of another kind."""
    good = '{"table":"events","home":"u.a","event":"e","at":1,"received_at":1,"total":"kirk"}'
    bad = [
        "{", "[]", "null", '"x"', '{"table":"other"}', '{"table":["events"]}', '{"table":"events","home":"u.a"}',
        good.replace('"at":1', '"at":1e99'), good.replace('"at":1', '"at":true'),
        good.replace('"at":1', '"at":' + "9" * 16),
    ]  # fmt: skip
    file = tmp_path / "raw" / "2026" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes("\n".join([*bad, good, "", "{"]).encode() + b"\n\xff\xfe\n")
    _, unreadable = split([file], tmp_path)
    assert unreadable == len(bad) + 2
    with open_lake(FolderObjects(tmp_path)) as connection:
        assert shown(connection, EVENTS) == {("u.a", "e"): {"home": "u.a", "event": "e", "at": 1, "received_at": 1}}


def test_days_that_are_not_asked_for_are_not_read(tmp_path: Path) -> None:
    told: list[NamedRow] = [
        ("events", {"home": "u.a", "event": str(day), "at": START + day * 86_400_000, "received_at": 1})
        for day in range(4)
    ]
    put_part(tmp_path, "x", told)
    first = date.fromordinal(date(1970, 1, 1).toordinal() + 20_001)
    with open_lake(FolderObjects(tmp_path), days=Days(first, first)) as connection:
        assert {key[1] for key in shown(connection, EVENTS)} == {"1"}


def test_a_column_that_older_files_lack_is_empty(tmp_path: Path) -> None:
    put_part(tmp_path, "old", [("events", {"home": "u.a", "event": "e", "at": START, "received_at": 1, "name": "x"})])
    (file,) = tmp_path.rglob("*.parquet")
    import duckdb

    duckdb.sql(f"COPY (SELECT * EXCLUDE (name) FROM '{file}') TO '{file}.new' (FORMAT parquet)")
    Path(f"{file}.new").replace(file)
    with open_lake(FolderObjects(tmp_path)) as connection:
        ((found),) = shown(connection, EVENTS).values()
        assert found == {"home": "u.a", "event": "e", "at": START, "received_at": 1}


@cases(6, 500)
@given(st.lists(rows(), max_size=20), st.lists(rows(), max_size=20), st.integers(START, START + 4))
def test_who_was_erased_is_gone(first: list[NamedRow], second: list[NamedRow], until: int) -> None:
    """Exactly what was written of him until then; others stay, and so does what is written later."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        objects = FolderObjects(root)
        put_part(root, "1", first)
        put_raw(root, "2026/x", second, packed=True)
        note_erasure(objects, "case", {"u.one": until, "u.gone": until}, 0)
        with open_lake(objects) as connection:
            for table in TABLES.values():
                home = "root" if table.name == "customers" else "home"
                written = layout.WRITTEN_AT[table.name]
                expected = {
                    key
                    for key, row in current(first + second, table).items()
                    if row[home] != "u.one" or row[written] > until
                }
                assert set(shown(connection, table)) == expected


class Replaced(FolderObjects):
    """Compaction is at work: the first listings and fetches meet files that are gone when they are read."""

    def __init__(self, root: Path, times: int) -> None:
        super().__init__(root)
        self.times = times

    def fetch(self, key: str, folder: Path) -> Path:
        if self.times > 0:
            self.times -= 1
            raise NoSuchObject(key)
        return super().fetch(key, folder)


def test_files_that_are_replaced_meanwhile_are_looked_for_again(tmp_path: Path) -> None:
    told: list[NamedRow] = [("events", {"home": "u.a", "event": "e", "at": START, "received_at": 1})]
    put_part(tmp_path, "x", told)
    with open_lake(Replaced(tmp_path, 3)) as connection:
        assert len(shown(connection, EVENTS)) == 1
    with pytest.raises(LakeKeepsChanging), open_lake(Replaced(tmp_path, 99)):
        pass
