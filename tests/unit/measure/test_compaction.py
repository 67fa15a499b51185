"""Compaction: whatever a run dies of, readers see each row once, and the next run finishes the work."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
from hypothesis import example, given
from hypothesis import strategies as st

from functions.measure import layout
from functions.measure.compaction import Compacted, Compaction
from functions.measure.compaction_environment import Environment
from functions.measure.lake_reader import open_lake
from functions.measure.on_hour import respond
from shared.adapters.folder_objects import FolderObjects
from shared.domain.lake.tables import TABLES, Row
from shared.ports.objects import Found
from shared.stores.lake_erasures import note_erasure
from tests.support.cases import LONG, UNIT, cases
from tests.support.copied_objects import CopiedObjects
from tests.support.interleaving import Crash
from tests.support.lake_rows import START, NamedRow, check_lake, current, put_raw, rows, shown

pytestmark = UNIT
HOUR = 3_600_000
NOW = START + 30 * 86_400_000
FILES = st.lists(st.lists(rows(), max_size=8), min_size=1, max_size=4)


class Dying(FolderObjects):
    """Dies at one of its calls: ``left`` counts down, and ``after`` says whether the call was done."""

    def __init__(self, root: Path, left: int, *, after: bool) -> None:
        super().__init__(root)
        self.left, self.after = left, after
        self._lock = threading.Lock()

    def _dies(self) -> bool:
        with self._lock:
            self.left -= 1
            return self.left < 0

    def listed(self, prefix: str) -> Iterator[Found]:
        if self._dies():
            raise Crash
        return super().listed(prefix)

    def fetch(self, key: str, folder: Path) -> Path:
        if self._dies():
            raise Crash
        return super().fetch(key, folder)

    def put(self, key: str, file: Path) -> None:
        dies = self._dies()
        if self.after or not dies:
            super().put(key, file)
        if dies:
            raise Crash

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            dies = self._dies()
            if self.after or not dies:
                super().delete([key])
            if dies:
                raise Crash


def compact(objects: FolderObjects, now_ms: int = NOW, *, night: bool = True) -> Compacted:
    return Compaction(objects, now_ms=now_ms, memory_mb=200).run(night=night)


def fill(root: Path, files: Sequence[Sequence[NamedRow]], hour: int) -> None:
    for place, told in enumerate(files):
        put_raw(root, f"2026/11/29/{hour:02}/file-{place}", told, packed=place % 2 == 0)


def check(root: Path, told: Sequence[NamedRow]) -> None:
    with open_lake(FolderObjects(root), memory_mb=200) as connection:
        check_lake(root, told, connection)


def parts(root: Path) -> dict[tuple[str, str], list[Path]]:
    found: dict[tuple[str, str], list[Path]] = {}
    for file in sorted((root / "lake").rglob("*.parquet")):
        part = layout.part_of(file.relative_to(root).as_posix())
        assert part is not None
        found.setdefault((part.table, part.day), []).append(file)
    return found


def check_compacted(root: Path, told: Sequence[NamedRow]) -> None:
    """No raw file, one part for each day that has rows, each row in its own day, sorted."""
    assert not list(FolderObjects(root).listed(layout.RAW))
    days: set[tuple[str, str]] = set()
    for name, row in told:
        at = datetime.fromtimestamp(row[TABLES[name].day] / 1000, UTC)
        days.add((name, at.date().isoformat()))
    found = parts(root)
    assert set(found) == days
    for (name, day), files in found.items():
        (file,) = files
        keys = ", ".join(TABLES[name].key)
        lying = duckdb.sql(
            f"SELECT {layout.day_sql(TABLES[name])}, ({keys}) FROM read_parquet('{file}', hive_partitioning = false)"
        ).fetchall()
        assert {one for one, _ in lying} == {day}
        assert [key for _, key in lying] == sorted({key for _, key in lying})


@cases(2, 1_000)
@given(FILES, FILES, st.integers(0, 60), st.booleans(), st.booleans())
def test_a_crash_at_any_call_loses_and_doubles_nothing(
    first: list[list[NamedRow]], second: list[list[NamedRow]], calls: int, after: bool, night: bool
) -> None:
    """Two hours of raw files; the second run dies; what readers see is what brute force says, then and later."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        fill(root, first, 10)
        compact(FolderObjects(root), NOW, night=False)
        told = [row for file in first for row in file]
        check(root, told)
        fill(root, second, 11)
        told += [row for file in second for row in file]
        try:
            compact(Dying(root, calls, after=after), NOW + HOUR, night=night)
        except Crash:
            check(root, told)
        compact(FolderObjects(root), NOW + 2 * HOUR)
        check(root, told)
        check_compacted(root, told)


def test_every_call_of_a_run_may_be_its_last(tmp_path: Path) -> None:
    """The same for each call in turn (in `make test` each thirteenth), before and after it is done, with an erasure to
    carry out."""
    told: list[NamedRow] = [
        ("events", {"home": home, "event": f"e{n}", "at": START + n * 86_400_000, "received_at": START + n})
        for home in ("u.one", "u.two")
        for n in range(3)
    ]
    kept = [(name, row) for name, row in told if row["home"] == "u.two"]
    for after in (False, True):
        calls = 0
        while True:
            root = tmp_path / f"{after}{calls}"
            fill(root, [told[:2], told[2:]], 10)
            compact(FolderObjects(root), NOW, night=False)
            fill(root, [told], 11)
            note_erasure(FolderObjects(root), "case", {"u.one": NOW}, NOW)
            dying = Dying(root, calls, after=after)
            try:
                compact(dying, NOW + 2 * HOUR)
            except Crash:
                check(root, kept)
            compact(FolderObjects(root), NOW + 4 * HOUR)
            check(root, kept)
            check_compacted(root, kept)
            if dying.left >= 0:
                break
            calls += 1 if LONG else 13
        assert calls > 20


class Interrupted(CopiedObjects):
    """Another run does all of its work at one call of this one; what this one has fetched stays."""

    def __init__(self, root: Path, at: int) -> None:
        super().__init__(root)
        self.at = at

    def fetch(self, key: str, folder: Path) -> Path:
        self.at -= 1
        if self.at == 0:
            compact(FolderObjects(self._root), NOW + HOUR + 1)
        return super().fetch(key, folder)


@cases(2, 500)
@example(first=[[]], second=[[], []], at=2)
@given(FILES, FILES, st.integers(1, 12))
def test_two_runs_at_once_lose_and_double_nothing(
    first: list[list[NamedRow]], second: list[list[NamedRow]], at: int
) -> None:
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        fill(root, first, 10)
        compact(FolderObjects(root), NOW, night=False)
        fill(root, second, 11)
        compact(Interrupted(root, at), NOW + HOUR)
        told = [row for file in first + second for row in file]
        check(root, told)
        compact(FolderObjects(root), NOW + 2 * HOUR)
        check_compacted(root, told)


@cases(2, 500)
@given(FILES, st.integers(START, START + 5), st.integers(0, 3), st.booleans())
def test_who_was_erased_is_taken_out(files: list[list[NamedRow]], until: int, days: int, late: bool) -> None:
    """Hidden at once, taken out by the next night an hour later, and so are rows of his that come after that; of a
    shared identifier what lies before the other person. Others keep every row."""
    with tempfile.TemporaryDirectory() as made:
        root, objects = Path(made), FolderObjects(Path(made))
        before = START + days * 86_400_000
        told = [row for file in files for row in file]
        kept = [one for one in told if not erased(one, until, before)]
        fill(root, files, 10)
        compact(objects, NOW, night=False)
        note_erasure(objects, "case", {"u.one": until}, NOW, shared={"a.three": before})
        check_current(root, told, until, before)
        assert compact(objects, NOW + HOUR // 2).erasures == 0
        if late:
            fill(root, files, 11)
        assert compact(objects, NOW + 2 * HOUR).erasures == 1
        for (name, _), found in parts(root).items():
            for file in found:
                home = "root" if name == "customers" else "home"
                lying = duckdb.sql(f"SELECT * FROM read_parquet('{file}', hive_partitioning = false)")
                for values in lying.fetchall():
                    row = dict(zip(lying.columns, values, strict=True))
                    assert not erased((name, {**row, "home": row[home]}), until, before)
        check_current(root, told, until, before)
        assert {name for name, _ in parts(root)} == {name for name, _ in kept}
        assert compact(objects, NOW + 3 * HOUR).erasures == 0
        compact(objects, NOW + 50 * 86_400_000)
        assert not list(objects.listed(layout.ERASED))
        assert not list(objects.listed(layout.PASSES))


def erased(one: NamedRow, until: int, before: int) -> bool:
    name, row = one
    home = row.get("home") or row.get("root")
    if home == "u.one":
        return bool(row[layout.WRITTEN_AT[name]] <= until)
    return bool(home == "a.three" and row[TABLES[name].day] < before)


def check_current(root: Path, told: Sequence[NamedRow], until: int, before: int) -> None:
    """Of each key the newest row counts; if it is erased, an older one of another day may show (customers)."""
    with open_lake(FolderObjects(root), memory_mb=200) as connection:
        for table in TABLES.values():
            found = shown(connection, table)
            expected: dict[tuple[Any, ...], Row] = {
                key: row for key, row in current(told, table).items() if not erased((table.name, row), until, before)
            }
            assert set(expected) <= set(found)
            others = [key for key in found if not {"u.one", "a.three"} & {str(part)[:7] for part in key}]
            assert all(key in expected for key in others)
            for key in found:
                assert not erased((table.name, found[key]), until, before)


def test_a_day_with_few_parts_waits_for_the_night(tmp_path: Path) -> None:
    """So that the cost of an hour grows with what is new, not with the day."""
    objects = FolderObjects(tmp_path)
    for hour in range(8):
        row: NamedRow = ("events", {"home": "u.a", "event": str(hour), "at": START, "received_at": START})
        fill(tmp_path, [[row]], hour)
        done = compact(objects, NOW + hour * HOUR, night=False)
        assert (done.raw_files, done.days_merged) == (1, int(hour == 5))
    assert [len(found) for found in parts(tmp_path).values()] == [3]
    assert compact(objects, NOW + 9 * HOUR, night=True).days_merged == 1
    assert [len(found) for found in parts(tmp_path).values()] == [1]


def test_lines_that_are_no_rows_are_kept_apart(tmp_path: Path) -> None:
    """They are not lost with their file: somebody may look at them for thirty days."""
    file = tmp_path / "raw" / "2026" / "file"
    file.parent.mkdir(parents=True)
    file.write_text('{"table":"events","home":"u.a","event":"e","at":1,"received_at":1}\n{"table":\nnothing\n')
    assert compact(FolderObjects(tmp_path)).unreadable == 2
    (apart,) = FolderObjects(tmp_path).listed(layout.UNREADABLE)
    assert (tmp_path / apart.key).read_text() == '{"table":\nnothing\n'


def test_time_that_is_over_leaves_the_rest_for_the_next_hour(tmp_path: Path) -> None:
    """Whatever was done is done whole."""
    objects, time = FolderObjects(tmp_path), iter([300_000])
    composed = Environment(
        objects, cast("Any", SimpleNamespace(now=lambda: datetime(2026, 11, 29, 5, tzinfo=UTC))), 200
    )
    short = SimpleNamespace(get_remaining_time_in_millis=lambda: next(time, 60_000))
    long = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
    many = [
        [("events", {"home": "u.a", "event": str(n), "at": START + n * 86_400_000, "received_at": 1})] for n in range(4)
    ]
    fill(tmp_path, cast("Any", many), 1)
    for hour in range(2, 7):
        fill(tmp_path, cast("Any", many[:1]), hour)
        compact(objects, NOW + hour, night=False)
    fill(tmp_path, cast("Any", many), 10)
    first = respond({}, cast("Any", short), composed)
    assert first["left"]
    second = respond({"night": True}, cast("Any", long), composed)
    assert not second["left"]
    check_compacted(tmp_path, [row for file in many for row in cast("Any", file)])
