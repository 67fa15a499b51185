"""What happens to a lake while it is read or rolled up, and who comes back after he was erased."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.measure.kept_objects import KeptObjects
from functions.measure.lake_reader import VIEWS, Days, open_lake
from functions.measure.rollups import rolled
from shared.adapters.folder_objects import FolderObjects
from shared.ports.objects import Found
from shared.stores.lake_erasures import note_erasure
from tests.support.cases import UNIT, cases
from tests.support.copied_objects import CopiedObjects
from tests.support.lake_rows import START, NamedRow, put_raw
from tests.unit.measure.test_roll_ups import DAY, HOUR, NOW, READS, SOME, TOLD, Counting, check, compact, said

pytestmark = UNIT


def customer(version: int, at: int) -> NamedRow:
    return "customers", {"root": "u.one", "version": version, "at": at, "state": "live", "members": ["u.one"]}


def versions(root: Path) -> list[list[tuple[int]]]:
    """What the views say of ``u.one``: today, and day by day; with roll-ups and without."""
    found: list[list[tuple[int]]] = []
    for reads in (VIEWS, READS | {"customer_days"}):
        with open_lake(FolderObjects(root), reads=reads, memory_mb=200) as lake:
            found += [
                lake.execute(f"SELECT version FROM {view} WHERE root = 'u.one'").fetchall()
                for view in ("customers", "customer_days")
            ]
    return found


@pytest.mark.parametrize(("days_later", "told_before"), [(0, 0), (0, 1), (1, 2)])
def test_who_was_erased_and_comes_back_is_a_customer_at_once(tmp_path: Path, days_later: int, told_before: int) -> None:
    """His versions begin anew, so the erased row has a higher one: it counts no more, whether it lies in the same file
    of lines, in another part or in a roll-up."""
    objects, back = FolderObjects(tmp_path), START + 2 * HOUR + days_later * DAY
    put_raw(tmp_path, "2026/11/29/10/file", [customer(9, START)], packed=False)
    for _ in range(told_before):
        compact(objects, NOW, night=told_before == 2)
    note_erasure(objects, "case", {"u.one": START + HOUR}, NOW)
    put_raw(tmp_path, "2026/11/29/11/file", [customer(1, back)], packed=False)
    assert versions(tmp_path) == [[(1,)]] * 4
    for later in (HOUR // 2, 2 * HOUR):  # only the second carries the erasure out
        compact(objects, NOW + later)
        assert versions(tmp_path) == [[(1,)]] * 4


class Interrupted(CopiedObjects):
    """Something happens before one of its calls."""

    def __init__(self, root: Path, at: int, what: Callable[[], object]) -> None:
        super().__init__(root)
        self.left, self._what = at, what

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self._what()

    def listed(self, prefix: str) -> Iterator[Found]:
        self._count()
        yield from list(super().listed(prefix))

    def fetch(self, key: str, folder: Path) -> Path:
        self._count()
        return super().fetch(key, folder)

    def put(self, key: str, file: Path) -> None:
        self._count()
        super().put(key, file)


@cases(2, 500)
@given(SOME, SOME, SOME, st.integers(1, 40), st.booleans())
def test_a_night_while_a_report_reads_changes_no_answer(
    first: list[NamedRow], second: list[NamedRow], third: list[NamedRow], at: int, night: bool
) -> None:
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for place, piece in enumerate((first, second, third)):
            put_raw(root, f"2026/11/29/1{place}/file", piece, packed=False)
            if place < 2:
                compact(FolderObjects(root), NOW + place * HOUR, night=place == 0)
        with open_lake(FolderObjects(root), memory_mb=200) as plain:
            wanted = {name: said(plain, part.statement) for name, part in rolled().items()}
            wanted["customers"] = said(plain, "FROM customers")
        disturbed = Interrupted(root, at, lambda: compact(FolderObjects(root), NOW + 2 * HOUR, night=night))
        with open_lake(disturbed, reads=READS, memory_mb=200) as lake:
            for name, rows_of in wanted.items():
                assert said(lake, f"FROM {name}") == rows_of, name


@cases(2, 500)
@given(SOME, SOME, st.integers(1, 60), st.booleans())
def test_two_nights_at_once_make_nothing_wrong(
    first: list[NamedRow], second: list[NamedRow], at: int, erases: bool
) -> None:
    """With rows told in between, and somebody erased whom neither run knew of when it began."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        put_raw(root, "2026/11/29/10/file", first, packed=False)
        compact(FolderObjects(root), NOW)

        def meanwhile() -> None:
            put_raw(root, "2026/11/29/11/file", second, packed=False)
            if erases:
                note_erasure(FolderObjects(root), "case", {"u.one": START + 9}, NOW + HOUR)
            compact(FolderObjects(root), NOW + HOUR + 1)

        compact(Interrupted(root, at, meanwhile), NOW + HOUR)
        check(root)
        for later in (2, 3, 4):
            compact(FolderObjects(root), NOW + later * HOUR + 2)
            check(root)


def test_files_of_a_report_stay_while_it_reads(tmp_path: Path) -> None:
    """Also where they are more than what is kept for the next report."""
    put_raw(tmp_path / "lake", "2026/11/29/10/file", TOLD, packed=False)
    compact(FolderObjects(tmp_path / "lake"), NOW)
    copied = Interrupted(tmp_path / "lake", 0, lambda: None)
    for reads in (READS, frozenset({"events", "customers"})):
        with open_lake(KeptObjects(copied, tmp_path / "kept", 1), reads=reads, memory_mb=200) as lake:
            assert lake.execute("SELECT count(*) FROM customers").fetchall() == [(2,)]


def month(n: int) -> str:
    return datetime.fromtimestamp((START + n * DAY) / 1_000, UTC).strftime("%Y-%m")


@pytest.mark.parametrize(("first", "last"), [(100, 110), (100, None), (None, 20), (27, 28), (0, 199)])
def test_months_outside_of_the_days_are_not_fetched(tmp_path: Path, first: int | None, last: int | None) -> None:
    """A report about a week opens the roll-ups of a month or two, however old the lake is."""
    told: list[NamedRow] = [
        ("events", {"home": "u.one", "event": f"e{n}", "at": START + n * DAY, "received_at": START})
        for n in range(0, 200, 5)
    ]
    put_raw(tmp_path, "2026/11/29/10/file", told, packed=False)
    compact(FolderObjects(tmp_path), NOW + 300 * DAY)
    dates = [n if n is None else datetime.fromtimestamp((START + n * DAY) / 1_000, UTC).date() for n in (first, last)]
    days = Days(dates[0], dates[1])
    objects = Counting(tmp_path)
    with (
        open_lake(objects, days=days, reads=frozenset({"report_events"}), memory_mb=200) as fast,
        open_lake(FolderObjects(tmp_path), days=days, memory_mb=200) as plain,
    ):
        assert said(fast, "FROM report_events") == said(plain, rolled()["report_events"].statement)
    asked = {month(n) for n in range(200) if (first or 0) <= n <= (199 if last is None else last)}
    assert {key.split("/")[2] for key in objects.fetched} == asked


def test_an_empty_lake_and_one_row(tmp_path: Path) -> None:
    check(tmp_path)
    compact(FolderObjects(tmp_path), NOW)
    check(tmp_path)
    put_raw(tmp_path, "2026/11/29/10/file", [customer(1, START)], packed=False)
    check(tmp_path)
    compact(FolderObjects(tmp_path), NOW)
    check(tmp_path)
