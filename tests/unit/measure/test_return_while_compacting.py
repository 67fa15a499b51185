"""Who was erased and comes back while two compactions run at once: no row of his new life is lost."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from functions.measure.kept_objects import KeptObjects
from functions.measure.lake_reader import open_lake
from shared.adapters.folder_objects import FolderObjects
from shared.stores.lake_erasures import ERASED, note_erasure
from tests.support.cases import LONG, UNIT
from tests.support.copied_objects import CopiedObjects
from tests.support.lake_rows import START, NamedRow, put_raw
from tests.unit.measure.test_lake_disturbed import Interrupted
from tests.unit.measure.test_roll_ups import HOUR, NOW, READS, compact

pytestmark = UNIT
MINUTE = 60_000


def life(version: int, at: int) -> list[NamedRow]:
    """A customer, an order and a message, of the same keys and the same days in each of his lives."""
    return [
        ("customers", {"root": "u.one", "version": version, "at": at, "state": "live", "members": ["u.one"]}),
        ("orders", {"home": "u.one", "order_id": "o", "version": version, "ordered_at": START, "decided_at": at}),
        ("outcomes", {
            "kind": "message", "id": "m", "home": "u.one", "version": version, "day_at": START, "changed_at": at,
        }),
    ]  # fmt: skip


OTHER: list[NamedRow] = [("customers", {"root": "u.two", "version": 1, "at": START, "state": "live", "members": []})]


def lives(root: Path) -> set[tuple[str, int]]:
    """By view the versions of his rows that readers see, with roll-ups and without."""
    found = set()
    for reads in (READS, frozenset({"customers", "orders", "outcomes", "customer_days"})):
        with open_lake(FolderObjects(root), reads=reads, memory_mb=200) as lake:
            wanted = {
                "customers": "root = 'u.one'",
                "customer_days": "root = 'u.one'",
                "orders": "true",
                "outcomes": "true",
            }
            wanted |= {"report_orders": "true", "report_messages": "true"}
            for view in sorted(reads & wanted.keys()):
                told = "changed_at" if view == "report_messages" else "version"
                versions = lake.execute(f"SELECT {told} FROM {view} WHERE {wanted[view]}").fetchall()
                assert len(versions) == 1, (view, versions)
                found.add((view, versions[0][0]))
    return found


BACK = START + 3 * HOUR
SEEN = {(view, 1) for view in ("customers", "customer_days", "orders", "outcomes", "report_orders")}
SEEN |= {("report_messages", BACK)}


@pytest.mark.parametrize("told", ["in parts", "in lines"])
@pytest.mark.parametrize("other_is_night", [False, True])
def test_a_run_that_began_before_the_erasure_keeps_who_comes_back(
    tmp_path: Path, told: str, other_is_night: bool
) -> None:
    """At every call of the first run (in `make test` at other ones in each of the four): he is erased, comes back, and
    another run makes a part of his rows."""
    before = tmp_path / "before"
    put_raw(before, "2026/11/29/10/file", [*life(9, START), *OTHER], packed=False)
    if told == "in parts":
        compact(FolderObjects(before), NOW - HOUR, night=False)
        put_raw(before, "2026/11/29/11/other", OTHER, packed=False)
    first = 1 + 2 * (2 * other_is_night + (told == "in lines"))
    for at in itertools.count(1) if LONG else itertools.count(first, 8):
        root = tmp_path / str(at)
        shutil.copytree(before, root)

        def meanwhile(root: Path = root) -> None:
            note_erasure(FolderObjects(root), "case", {"u.one": START + HOUR}, NOW + MINUTE)
            put_raw(root, "2026/11/29/11/file", life(1, BACK), packed=False)
            compact(FolderObjects(root), NOW + 2 * MINUTE, night=other_is_night)

        disturbed = Interrupted(root, at, meanwhile)
        compact(disturbed, NOW)
        if disturbed.left > 0:
            break
        assert lives(root) == SEEN, at
        compact(FolderObjects(root), NOW + 2 * HOUR)
        assert lives(root) == SEEN, at
    assert at > 10


def test_the_second_look_is_obeyed_by_who_keeps_files(tmp_path: Path) -> None:
    """It hides what was on its way at the first, also from a reader that fetched the first note before."""
    put_raw(tmp_path / "lake", "2026/11/29/10/file", life(9, START + HOUR), packed=False)
    objects = KeptObjects(CopiedObjects(tmp_path / "lake"), tmp_path / "kept", 10**9)
    for until, rows in ((START, 1), (START + 2 * HOUR, 0)):
        note_erasure(FolderObjects(tmp_path / "lake"), "case", {"u.one": until}, NOW + until)
        with open_lake(objects, reads=frozenset({"orders"}), memory_mb=200) as lake:
            assert lake.execute("SELECT count(*) FROM orders").fetchall() == [(rows,)]
    assert len(list(objects.listed(ERASED))) == 2
