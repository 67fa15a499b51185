"""Files and the console do not overwrite each other: apply refuses, pull takes over, and nothing of a file is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.definitions.folder import check_folder
from cli.definitions.pull import pull, pulled_release
from cli.failure import Failure
from cli.publishing import ChangedInConsole, publish
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.difference import definitions_of, difference
from shared.domain.definitions.drafts import Draft, with_drafts
from shared.domain.definitions.origin import Origin
from shared.ports import Conflict, Table
from shared.stores.releases import Releases

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
TWO = """# what they are
segment: new
who: {orders: {first: {within: 30d}}}
---
# who may go
segment: at-risk
label: {tr: Kayıp}
who: {orders: {last: {within: 30d}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text("name: Kervan\n", "utf-8")
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "two.yaml").write_text(TWO, "utf-8")
    return tmp_path


@pytest.fixture
def catalog() -> MemoryTable:
    return MemoryTable()


def _apply(catalog: Table, folder: Path, *, over_console: bool = False) -> int:
    bundle = check_folder(folder).bundle
    assert bundle is not None
    pulled = pulled_release(Releases(catalog), folder, "local")
    return publish(catalog, bundle.release(), pulled=pulled, over_console=over_console).number


def _in_console(catalog: Table, key: str, content: Any) -> int:
    """As the console publishes one draft."""
    releases = Releases(catalog)
    checked = with_drafts(releases.current(), [Draft(key, content, "", "", "", 1)])
    assert checked.bundle is not None
    return releases.publish(checked.bundle.release(), Origin.console(NOW, "deniz@shop.example")).number


def _rule(name: str, days: int) -> dict[str, Any]:
    return {"segment": name, "who": {"orders": {"last": {"within": f"{days}d"}}}}


def test_files_do_not_overwrite_what_the_console_published(catalog: MemoryTable, folder: Path) -> None:
    """Apply names what it would overwrite and publishes nothing, whatever else the files change."""
    assert _apply(catalog, folder) == 1
    _in_console(catalog, "segment/new", _rule("new", 60))
    with pytest.raises(ChangedInConsole, match=r"segment/new .*kervan definitions pull"):
        _apply(catalog, folder)
    (folder / "shop.yaml").write_text("name: Other\n", "utf-8")
    with pytest.raises(ChangedInConsole) as refused:
        _apply(catalog, folder)
    assert refused.value.keys == ("segment/new",)
    assert Releases(catalog).current().number == 2
    assert Releases(catalog).current().from_console == {"segment/new": 2}
    assert _apply(catalog, folder, over_console=True) == 3
    assert _apply(catalog, folder) == 3
    assert Releases(catalog).current().from_console == {}  # the files changed it last


def test_a_definition_that_the_console_removed_does_not_come_back(catalog: MemoryTable, folder: Path) -> None:
    """Removing is a change like any other; pull takes the document out and leaves its neighbour as it is."""
    _apply(catalog, folder)
    _in_console(catalog, "segment/at-risk", None)
    with pytest.raises(ChangedInConsole):
        _apply(catalog, folder)
    assert pull(Releases(catalog), folder, "local").removed == ("segment/at-risk",)
    assert (folder / "segments" / "two.yaml").read_text("utf-8").startswith(TWO.partition("---")[0])
    assert _apply(catalog, folder) == 2


def test_pull_writes_what_the_console_published_and_the_files_go_on(catalog: MemoryTable, folder: Path) -> None:
    """A changed definition in its file, a new one in a file of its own; afterwards the files may change them again."""
    _apply(catalog, folder)
    _in_console(catalog, "segment/at-risk", _rule("at-risk", 45))
    _in_console(catalog, "segment/fresh", _rule("fresh", 7))
    found = pull(Releases(catalog), folder, "local")
    assert (found.written, found.removed, found.kept) == (("segment/at-risk", "segment/fresh"), (), ())
    assert (folder / "segments" / "fresh.yaml").is_file()
    bundle = check_folder(folder).bundle
    assert bundle is not None
    assert difference(definitions_of(bundle.release()), definitions_of(Releases(catalog).current())) == ()
    assert (folder / "segments" / "two.yaml").read_text("utf-8").startswith(TWO.partition("---")[0])
    assert _apply(catalog, folder) == 3
    text = (folder / "segments" / "fresh.yaml").read_text("utf-8")
    (folder / "segments" / "fresh.yaml").write_text(text.replace("7d", "9d"), "utf-8")
    assert _apply(catalog, folder) == 4
    assert pull(Releases(catalog), folder, "local").written == ()


def test_another_copy_of_the_files_without_the_pull_is_refused(
    catalog: MemoryTable, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A colleague whose copy is older does not take the console's change back."""
    _apply(catalog, folder)
    _in_console(catalog, "segment/new", _rule("new", 60))
    pull(Releases(catalog), folder, "local")
    _apply(catalog, folder)
    other = tmp_path_factory.mktemp("other")
    (other / "shop.yaml").write_text("name: Kervan\n", "utf-8")
    (other / "two.yaml").write_text(TWO, "utf-8")
    with pytest.raises(ChangedInConsole):
        _apply(catalog, other)


def test_a_file_with_a_change_of_its_own_is_kept(catalog: MemoryTable, folder: Path) -> None:
    """What was never published exists in the file alone, so pull does not write over it unless it is told to."""
    _apply(catalog, folder)
    path = folder / "segments" / "two.yaml"
    path.write_text(TWO.replace("first: {within: 30d}", "first: {within: 31d}"), "utf-8")
    _in_console(catalog, "segment/new", _rule("new", 60))
    assert pull(Releases(catalog), folder, "local").kept == ("segment/new",)
    assert "31d" in path.read_text("utf-8")
    with pytest.raises(ChangedInConsole):
        _apply(catalog, folder)
    assert pull(Releases(catalog), folder, "local", over_files=True).written == ("segment/new",)
    assert "31d" not in path.read_text("utf-8")
    assert _apply(catalog, folder) == 2


def test_what_was_pulled_of_a_stage_that_was_made_anew_says_nothing(folder: Path) -> None:
    """Its releases are counted from one again: the number alone would hide what its console publishes."""
    first, second = MemoryTable(), MemoryTable()
    for catalog, days in ((first, 60), (second, 90)):
        _apply(catalog, folder)
        _in_console(catalog, "segment/new", _rule("new", days))
        if catalog is first:
            pull(Releases(catalog), folder, "local")
            (folder / "segments" / "two.yaml").write_text(TWO, "utf-8")
    assert pulled_release(Releases(first), folder, "local") == 2
    releases = Releases(second)
    at = releases.current().origin
    assert at is not None
    assert pulled_release(releases, folder, "prod") == 0
    (folder / ".pulled").write_text('{"local": {"release": 2, "at": "2020-01-01T00:00:00.000Z"}}', "utf-8")
    assert pulled_release(releases, folder, "local") == 0
    (folder / ".pulled").write_text("no JSON", "utf-8")
    with pytest.raises(ChangedInConsole):
        _apply(second, folder)


def test_before_the_first_release_there_is_nothing_to_pull(catalog: MemoryTable, folder: Path) -> None:
    """And it says how to make one."""
    with pytest.raises(Failure, match="kervan definitions apply"):
        pull(Releases(catalog), folder, "local")


def test_a_release_is_published_after_the_one_that_was_seen(catalog: MemoryTable, folder: Path) -> None:
    """Whoever compared with an earlier release compares again: nothing is stored."""
    _apply(catalog, folder)
    seen = Releases(catalog).current()
    _in_console(catalog, "segment/new", _rule("new", 60))
    with pytest.raises(Conflict):
        Releases(catalog).publish(seen, after=seen.number)
    assert Releases(catalog).current().number == 2
    assert Releases(catalog).get(3) is None


def test_the_log_names_each_release(catalog: MemoryTable, folder: Path) -> None:
    """Where it came from, who published it and what it changed; newest first."""
    _apply(catalog, folder)
    _in_console(catalog, "segment/new", _rule("new", 60))
    (second, first), cursor = Releases(catalog).log(10)
    assert (second.number, second.changed, second.more) == (2, ("segment/new",), 0)
    assert second.origin == Origin.console(NOW, "deniz@shop.example")
    assert first.origin is not None
    assert (first.origin.source, cursor) == ("files", None)
    assert first.changed == ("shop/shop", "segment/at-risk", "segment/new")
