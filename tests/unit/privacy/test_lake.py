"""An erasure reaches the lake: readers see exactly the rows whose events are still in the log."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from functions.measure.compaction import Compaction
from functions.measure.lake_reader import open_lake
from functions.privacy.erase_in_lake import LakeErasure
from shared.adapters.folder_objects import FolderObjects
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.lake.event_rows import event_row
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.stores.event_items import read_event
from shared.stores.lake_erasures import ERASED
from tests.support.backfills import Fuse
from tests.support.cases import UNIT
from tests.unit.privacy.shop import Shop42

pytestmark = UNIT
Keys = set[tuple[str, str]]


@pytest.fixture
def shop(tmp_path: Path) -> Shop42:
    shop = Shop42()
    shop.lake = LakeErasure(FolderObjects(tmp_path), shop.world.clock)
    file = tmp_path / "raw" / "lines"
    file.parent.mkdir()
    with file.open("w") as lines:
        for item in shop.world.customers.items():
            if item["sk"].startswith("t#"):
                row = event_row(read_event(item), item["pk"], item["pk"], "any")
                lines.write(json.dumps({"table": "events", **row}, default=str) + "\n")
    return shop


def logged(shop: Shop42) -> Keys:
    """What the log holds, by identifier and event."""
    return {(item["pk"], read_event(item).id) for item in shop.world.customers.items() if item["sk"].startswith("t#")}


def seen(root: Path) -> Keys:
    """What readers of the lake see."""
    with open_lake(FolderObjects(root), memory_mb=200) as connection:
        return {(home, event) for home, event in connection.execute("SELECT home, event FROM events").fetchall()}


def test_exactly_his_rows_are_gone(shop: Shop42, tmp_path: Path) -> None:
    """At once, and in the files after the next night; the other person's rows stay, on the shared laptop too."""
    before = logged(shop)
    assert seen(tmp_path) == before
    shop.ask()
    shop.work()
    left = logged(shop)
    assert left < before
    assert {home for home, _ in left} & {home for home, _ in before - left}, "a shared browser is a part of the story"
    assert seen(tmp_path) == left
    later = milliseconds(shop.world.clock.now() + timedelta(hours=2))
    assert Compaction(FolderObjects(tmp_path), now_ms=later, memory_mb=200).run(night=True).erasures == 1
    assert seen(tmp_path) == left
    (tmp_path / ERASED).rename(tmp_path / "forgotten")
    assert seen(tmp_path) == left


def test_rows_are_hidden_before_anything_is_deleted(shop: Shop42, tmp_path: Path) -> None:
    """Who dies after the first deletion comes again, and no reader sees half of the person."""
    before = logged(shop)
    shop.ask()
    first: list[Keys] = []

    class Watching(Fuse):
        def burn(self) -> None:
            if not first and logged(shop) != before:
                first.append(seen(tmp_path))
            super().burn()

    shop.fuse = Watching()
    shop.work()
    assert first == [logged(shop)]


def test_the_second_look_hides_what_was_on_its_way(shop: Shop42, tmp_path: Path) -> None:
    """A row that a function wrote meanwhile, of an event that it had read before."""
    shop.ask()
    shop.work()
    moved = shop.world.clock.now() + CONFIRM_AFTER / 2
    late = {"table": "events", "home": _own(shop), "event": "late", "at": 1, "received_at": milliseconds(moved)}
    (tmp_path / "raw" / "late").write_text(json.dumps(late) + "\n")
    assert (_own(shop), "late") in seen(tmp_path)
    shop.world.clock.advance(CONFIRM_AFTER * 2)
    shop.work()
    assert (_own(shop), "late") not in seen(tmp_path)


def _own(shop: Shop42) -> str:
    return shop.world.keys(parse_identifier("user:42"))
