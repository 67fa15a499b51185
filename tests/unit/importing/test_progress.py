"""Going on: the progress file, the file of rejected rows, and places in the middle of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.failure import Failure, WrongUse
from cli.importing.batches import Rejected, batches
from cli.importing.plan import Format, Kind
from cli.importing.progress_file import Progress, ProgressFile
from cli.importing.rejected_file import RejectedFile
from cli.importing.source import Source
from tests.unit.importing.files import AT, plan_of, put

pytestmark = pytest.mark.unit
DONE = Progress(offset=10, line=3, accepted=1, rejected=1, rejected_bytes=5)


def test_progress_is_kept_and_forgotten(tmp_path: Path) -> None:
    """What was saved is loaded, a finished import leaves nothing behind."""
    file = ProgressFile(tmp_path / "f.csv", {"content": 1})
    assert file.load() is None
    file.save(DONE)
    assert file.load() == DONE
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv.kervan-progress"]
    file.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "{", "\xff", '{"version":1,"about":{},"done":{"offset":"x"}}', "[" * 9999]
)
def test_a_damaged_progress_file_begins_anew(tmp_path: Path, text: str) -> None:
    """Duplicates are harmless, so nobody needs to repair it."""
    file = ProgressFile(tmp_path / "f", {})
    file.path.write_text(text, encoding="latin-1")
    assert file.load() is None


def test_another_file_or_other_options_do_not_go_on(tmp_path: Path) -> None:
    """A changed file, another endpoint or time zone would import a mixture; it is said what differs."""
    ProgressFile(tmp_path / "f", {"content": 1, "time zone": "UTC"}).save(DONE)
    with pytest.raises(WrongUse, match=r"another time zone .*--restart"):
        ProgressFile(tmp_path / "f", {"content": 1, "time zone": "Europe/Istanbul"}).load()


def test_a_full_disk_keeps_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new state replaces the old one or does not: there is no half of it, and no draft stays."""
    file = ProgressFile(tmp_path / "f", {})
    file.save(DONE)

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Failure, match="disk is full"):
        file.save(Progress())
    assert file.load() == DONE
    assert len(list(tmp_path.iterdir())) == 1


def test_rejected_rows_are_written_once(tmp_path: Path) -> None:
    """A write that was cut off before its progress was saved is overwritten, not doubled."""
    file = RejectedFile(tmp_path / "f")
    row = Rejected(1, "no", "ş\udcff")
    assert file.write([], 0) == 0
    assert not file.path.exists()
    end = file.write([row], 0)
    file.write([row, row], end)
    assert file.write([row], end) == 2 * end
    file.begin(end)
    found = [json.loads(line) for line in file.path.read_text().splitlines()]
    assert [(one["line"], one["reason"]) for one in found] == [(1, "no")]
    assert file.path.stat().st_mode & 0o077 == 0
    file.begin(0)
    assert not file.path.exists()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("kind", "fmt"), [("events", "ndjson"), ("customers", "csv")])
def test_every_row_can_be_gone_on_from(tmp_path: Path, packed: bool, kind: Kind, fmt: Format) -> None:
    """From each place where a batch can end, the rest of the file reads as if it had been read through."""
    rows = (
        [json.dumps({"type": "page", "userId": str(n)}) for n in range(6)] + ["{broken", ""]
        if fmt == "ndjson"
        else ["\ufeffuser,note", '1,"a\nb"', "2", '3,"open', "4,ş", "", "5,x"]
    )
    plan = plan_of(put(tmp_path / "f", "\r\n".join(rows), packed=packed), kind, fmt, at=AT)
    with Source(plan.path) as source:
        whole = list(plan.rows(source, lambda: None))
    assert len(whole) > 4
    for place, row in enumerate(whole):
        with Source(plan.path) as source:
            rest = plan.rows(source, lambda source=source, row=row: source.go_to(row.end, row.next_line))  # type: ignore[misc]
            assert list(rest) == whole[place + 1 :]


def test_batches_keep_the_limits_and_know_where_they_end(tmp_path: Path) -> None:
    """Rows and bytes are bounded, rejected ones too; each batch ends where the next begins."""
    big = json.dumps({"type": "page", "userId": "1", "name": "y" * 30_000})
    lines = [big] * 40 + ['{"type":"page","userId":"1"}'] * 600 + ["{"] * 2500
    plan = plan_of(put(tmp_path / "f.ndjson", "\n".join(lines)), at=AT)
    with Source(plan.path) as source:
        found = list(batches(plan.rows(source, lambda: None), plan.make(), lambda: source.position))
    assert all(sum(map(len, batch.events)) < 450 * 1024 and len(batch.events) <= 250 for batch in found)
    assert all(len(batch.rejected) <= 1000 for batch in found)
    assert sum(len(batch.events) for batch in found) == 640
    assert sum(len(batch.rejected) for batch in found) == 2500
    assert found[-1].next_line == len(lines) + 1
    assert [batch.end for batch in found] == sorted({batch.end for batch in found})
