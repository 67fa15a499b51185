"""Roll-ups never change an answer: whatever is compacted, late, erased or interrupted, a report says with them what it
says without them."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.measure import layout
from functions.measure.answer_report import answer_report
from functions.measure.compaction import Compacted, Compaction
from functions.measure.lake_reader import Days, open_lake
from functions.measure.report_files import report_names
from functions.measure.rollups import roll_up_of, rolled, source_of, table_of
from shared.adapters.folder_objects import FolderObjects
from shared.stores.lake_erasures import note_erasure
from tests.support.cases import LONG, UNIT, cases
from tests.support.interleaving import Crash
from tests.support.lake_history import DAYS as HISTORY_DAYS
from tests.support.lake_history import FIRST, history
from tests.support.lake_rows import HOMES, START, NamedRow, put_raw, rows
from tests.unit.measure.test_against_counts import unique
from tests.unit.measure.test_compaction import Dying

pytestmark = UNIT
HOUR, DAY = 3_600_000, 86_400_000
NOW = START + 30 * DAY
READS = frozenset({*rolled(), "customers"})
SOME = st.lists(rows(), min_size=1, max_size=12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("told"), SOME),
        st.tuples(st.just("hour"), st.none()),
        st.tuples(st.just("night"), st.none()),
        st.tuples(st.just("night"), st.none()),
        st.tuples(st.just("crash"), st.tuples(st.integers(0, 60), st.booleans())),
        st.tuples(st.just("erase"), st.tuples(st.sampled_from(HOMES), st.integers(0, 5), st.booleans())),
    ),
    min_size=2,
    max_size=8 if LONG else 5,
)


def compact(objects: FolderObjects, now_ms: int, *, night: bool = True) -> Compacted:
    return Compaction(objects, now_ms=now_ms, memory_mb=200).run(night=night)


def said(connection: duckdb.DuckDBPyConnection, statement: str) -> Counter[str]:
    answer = connection.execute(statement)
    names = [column[0] for column in answer.description or ()]
    return Counter(str(sorted(zip(names, row, strict=True), key=lambda one: one[0])) for row in answer.fetchall())


def check(root: Path) -> None:
    """Each rolled part, and the newest customers, with roll-ups and without."""
    objects = FolderObjects(root)
    with open_lake(objects, memory_mb=200) as plain, open_lake(objects, reads=READS, memory_mb=200) as fast:
        for name, part in rolled().items():
            assert said(fast, f"FROM {name}") == said(plain, part.statement), name
        assert said(fast, "FROM customers") == said(plain, "FROM customers")


@cases(2, 1_000)
@given(STEPS)
def test_rows_are_the_same_whatever_happens(steps: list[tuple[str, Any]]) -> None:
    """Rows that come early, late and twice; hours, nights, nights that die at any call, erasures."""
    with tempfile.TemporaryDirectory() as made:
        root, now = Path(made), NOW
        objects = FolderObjects(root)
        for place, (what, how) in enumerate([*steps, ("night", None), ("night", None)]):
            now += 2 * HOUR
            match what:
                case "told":
                    put_raw(root, f"2026/11/29/10/file-{place}", how, packed=place % 2 == 0)
                case "hour":
                    compact(objects, now, night=False)
                case "night":
                    compact(objects, now)
                case "crash":
                    calls, after = how
                    with contextlib.suppress(Crash):
                        compact(Dying(root, calls, after=after), now)
                case "erase":
                    home, days, shared = how
                    until, others = ({}, {home: START + days * DAY}) if shared else ({home: START + days}, {})
                    note_erasure(objects, f"case-{place}", until, now, shared=others)
            check(root)


def asked(random: Random, name: str) -> Mapping[str, Any]:
    first = FIRST + random.randrange(HISTORY_DAYS - 20) * DAY
    days = [datetime.fromtimestamp(at / 1_000, UTC).date().isoformat() for at in (first, first + 20 * DAY)]
    return {
        "report": name, "from": "" if name in {"predictions", "rfm"} else days[0], "to": days[1], "compare": "",
        "segment": random.choice(("", "loyal")), "time_zone": random.choice(("Europe/Istanbul", "America/New_York")),
        "currency": "TRY", "now": "2026-12-09T12:00:00+00:00", "prices": {"email": "0.5"},
    }  # fmt: skip


@cases(2, 300)
@given(st.integers(0, 2**32))
def test_reports_are_the_same_whatever_happens(seed: int) -> None:
    """Of a random history that came in three pieces, of which the last is not compacted, with somebody erased."""
    random = Random(seed)
    told = [(table, row) for table, some in unique(history(random, people=6, size=60)).items() for row in some]
    random.shuffle(told)
    pieces = [told[0::3], told[1::3] + random.sample(told, 9), told[2::3] if random.random() < 0.5 else told[2:20:3]]
    with tempfile.TemporaryDirectory() as made:
        root, now = Path(made), FIRST + (HISTORY_DAYS + 40) * DAY
        objects = FolderObjects(root)
        for place, piece in enumerate(pieces):
            put_raw(root, f"2026/11/29/1{place}/file", piece, packed=True)
            if place < 2:
                compact(objects, now + place * DAY, night=place == 0 or random.random() < 0.5)
        if random.random() < 0.5:
            homes = [row["root"] for table, row in told if table == "customers"]
            note_erasure(objects, "case", dict.fromkeys(homes[:1], now), now)
        for name in random.sample(report_names(), 17 if LONG else 2):
            question = asked(random, name)
            assert answer_report(objects, question) == answer_report(objects, question, rolled=False), question


TOLD: list[NamedRow] = [
    ("events", {"home": home, "event": f"e{n}", "at": START + n * DAY, "received_at": START + n, "message_id": "m"})
    for home in ("u.one", "u.two")
    for n in range(3)
] + [
    ("customers", {"root": home, "version": n, "at": START + n * DAY, "state": "live", "members": [home]})
    for home in ("u.one", "u.two")
    for n in range(3)
]


def test_every_call_of_a_night_may_be_its_last(tmp_path: Path) -> None:
    """Before and after it is done (a few in `make test`), with late rows and an erasure to carry out; what the
    next night leaves is whole, and holds nothing of who was erased."""
    before = tmp_path / "before"
    put_raw(before, "2026/11/29/10/file", TOLD[::2], packed=False)
    compact(FolderObjects(before), NOW)
    put_raw(before, "2026/11/29/11/file", TOLD, packed=False)
    note_erasure(FolderObjects(before), "case", {"u.one": NOW}, NOW)
    for after in (False, True):
        calls = 0
        while True:
            root = tmp_path / f"{after}{calls}"
            objects = FolderObjects(shutil.copytree(before, root))
            dying = Dying(root, calls, after=after)
            try:
                compact(dying, NOW + 2 * HOUR)
            except Crash:
                check(root)
            compact(objects, NOW + 4 * HOUR)
            check(root)
            check_whole(root)
            if dying.left >= 0:
                break
            calls += 1 if LONG else 37
        assert calls > 30


def stored(root: Path) -> dict[tuple[str, str], list[Path]]:
    found: dict[tuple[str, str], list[Path]] = {}
    for one in FolderObjects(root).listed(layout.ROLLED):
        roll_up = roll_up_of(one.key)
        assert roll_up is not None
        found.setdefault((roll_up.name, roll_up.slot), []).append(root / one.key)
    return found


def check_whole(root: Path) -> None:
    """One roll-up of each name and month, without who was erased; the days of ``TOLD`` lie in one month."""
    found = stored(root)
    assert {name for name, _ in found} == {"report_events", "report_customer_days", "newest_customers"}
    for (name, _), files in found.items():
        (file,) = files
        ((count, erased),) = duckdb.sql(
            f"SELECT count(*), count(*) FILTER (WHERE {'root' if name == 'newest_customers' else 'home'} = "
            f"{repr('u.one') if name == 'newest_customers' else 'hash($$u.one$$)'}) FROM read_parquet('{file}')"
        ).fetchall()
        assert (count, erased) == (1 if name == "newest_customers" else 3, 0)


def test_a_roll_up_of_parts_that_are_gone_shows_nobody_who_was_erased(tmp_path: Path) -> None:
    """Not even when nothing hides him any more: a roll-up that a crash left behind is not read."""
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    compact(FolderObjects(tmp_path), NOW)
    left = {file: file.read_bytes() for files in stored(tmp_path).values() for file in files}
    note_erasure(FolderObjects(tmp_path), "case", {"u.one": NOW}, NOW)
    compact(FolderObjects(tmp_path), NOW + 2 * HOUR)
    for folder in (layout.ROLLED, layout.ERASED):
        for one in list(FolderObjects(tmp_path).listed(folder)):
            (tmp_path / one.key).unlink()
    for file, content in left.items():
        file.write_bytes(content)
    check(tmp_path)
    with open_lake(FolderObjects(tmp_path), reads=READS, memory_mb=200) as lake:
        assert lake.execute("SELECT root FROM customers").fetchall() == [("u.two",)]
        assert lake.execute("SELECT DISTINCT home = key_of('u.two') FROM report_events").fetchall() == [(True,)]


def test_an_erasure_is_carried_out_only_when_no_roll_up_holds_him(tmp_path: Path) -> None:
    """Also where the time of the night ends before they are made anew."""
    objects = FolderObjects(tmp_path)
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    compact(objects, NOW)
    assert len(stored(tmp_path)) == 3
    note_erasure(objects, "case", {"u.one": NOW}, NOW)
    night = Compaction(
        objects, now_ms=NOW + 2 * HOUR, memory_mb=200, time_left=lambda: not list(objects.listed("passes/done/"))
    )
    done = night.run(night=True)
    assert (done.erasures, done.rolled_up) == (1, 0)
    assert stored(tmp_path) == {}


class Counting(FolderObjects):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.fetched: list[str] = []

    def fetch(self, key: str, folder: Path) -> Path:
        self.fetched.append(key)
        return super().fetch(key, folder)


def test_a_report_fetches_roll_ups_in_place_of_parts(tmp_path: Path) -> None:
    """And the parts of what changed since; a night makes again what changed, and nothing else."""
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    assert compact(FolderObjects(tmp_path), NOW).rolled_up == 3
    assert compact(FolderObjects(tmp_path), NOW + HOUR).rolled_up == 0
    reads = frozenset({"report_events", "customers"})
    objects = Counting(tmp_path)
    with open_lake(objects, reads=reads, memory_mb=200):
        assert [key.split("/")[1] for key in sorted(objects.fetched)] == ["newest_customers", "report_events"]
    late: list[NamedRow] = [("events", {**TOLD[0][1], "received_at": NOW})]
    put_raw(tmp_path, "2026/11/29/11/file", late, packed=False)
    check(tmp_path)
    compact(FolderObjects(tmp_path), NOW + 2 * HOUR, night=False)
    objects = Counting(tmp_path)
    with open_lake(objects, reads=reads, memory_mb=200):
        assert sum(key.startswith(layout.LAKE) for key in objects.fetched) == 2  # the two parts of that day
    check(tmp_path)
    assert compact(FolderObjects(tmp_path), NOW + 3 * HOUR).rolled_up == 1
    check(tmp_path)


def test_days_that_are_not_asked_for_are_left_out_of_roll_ups_too(tmp_path: Path) -> None:
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    compact(FolderObjects(tmp_path), NOW)
    day = datetime.fromtimestamp(START / 1_000 + 86_400, UTC).date()
    with open_lake(FolderObjects(tmp_path), days=Days(day, day), reads=READS, memory_mb=200) as lake:
        assert lake.execute('SELECT DISTINCT "at" FROM report_events').fetchall() == [(START + DAY,)]


def test_days_that_still_change_are_in_no_roll_up(tmp_path: Path) -> None:
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    assert compact(FolderObjects(tmp_path), START + HOUR).rolled_up == 0
    assert compact(FolderObjects(tmp_path), START + DAY + HOUR).rolled_up == 3
    for (name, _), (file,) in stored(tmp_path).items():
        column = '"at"'
        days = duckdb.sql(f"SELECT DISTINCT {column} // {DAY} FROM read_parquet('{file}')").fetchall()
        assert days == [(START // DAY,)], name


def test_a_roll_up_that_was_made_otherwise_is_not_read(tmp_path: Path) -> None:
    """By another version of the statement or of DuckDB: its digest is another."""
    put_raw(tmp_path, "2026/11/29/10/file", TOLD, packed=False)
    compact(FolderObjects(tmp_path), NOW)
    for files in stored(tmp_path).values():
        for file in files:
            stem, _, digest = file.stem.rpartition("-")
            file.rename(file.with_name(f"{stem}-{digest[::-1]}.parquet"))
    objects = Counting(tmp_path)
    with open_lake(objects, reads=READS, memory_mb=200):
        assert sum(key.startswith(layout.LAKE) for key in objects.fetched) == 6
    check(tmp_path)
    assert compact(FolderObjects(tmp_path), NOW + HOUR).rolled_up == 3
    assert all(len(files) == 1 for files in stored(tmp_path).values())


@pytest.mark.parametrize("name", sorted(rolled()))
def test_a_rolled_part_says_by_what_rows_are_erased(name: str) -> None:
    """The identifier by its number, when the row was written, and where it is filed; it reads one table only."""
    part, table = rolled()[name], table_of(name)
    assert source_of(part) in {"events", "orders", "outcomes", "customer_days"}
    with tempfile.TemporaryDirectory() as made, open_lake(FolderObjects(Path(made)), memory_mb=200) as lake:
        columns = [column[0] for column in lake.execute(part.statement).description or ()]
    assert {"home", layout.WRITTEN_AT[table.name], table.day} <= set(columns)
