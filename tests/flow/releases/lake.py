"""The lake of two days: one compacted into Parquet with its roll-ups, one as Firehose wrote it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from functions.measure.compaction import Compaction
from functions.measure.lake_reader import open_lake
from functions.measure.report import Question, answer
from functions.measure.report_files import read_report
from shared.adapters.folder_objects import FolderObjects
from shared.domain.measure.period import Period
from tests.flow.releases.scene import plain
from tests.support.lake_history import DAY, DAYS, FIRST, history
from tests.support.lake_rows import put_raw
from tests.support.report_oracle import NOW, PRICES

SCENE = "lake"
REPORTS = ("overview", "messages", "journeys", "channels", "segments", "rfm")
ISTANBUL = ZoneInfo("Europe/Istanbul")
END = FIRST + (DAYS + 30) * DAY


def kept() -> dict[str, Any]:
    """Every object of the lake, and what reports say of it."""
    rows = [(table, row) for table, told in sorted(history(Random(3), people=3, size=16).items()) for row in told]
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        put_raw(root, "2026/11/29/10/file-0", rows[::2], packed=True)
        Compaction(FolderObjects(root), now_ms=END, memory_mb=200).run(night=True)
        put_raw(root, "2026/11/29/11/file-1", rows[1::2], packed=True)
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {"files": files, "answers": asked({"files": files})}


def asked(kept: Any) -> dict[str, Any]:
    """What reports of today say of kept objects, before and after today's compaction."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for name, content in kept["files"].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        before = _reports(root)
        Compaction(FolderObjects(root), now_ms=END + DAY, memory_mb=200).run(night=True)
        found: dict[str, Any] = plain({"as it is": before, "compacted": _reports(root)})
        return found


def _reports(root: Path) -> dict[str, Any]:
    """Rows by report and table, in an order of their own."""
    first = datetime.fromtimestamp(FIRST / 1000, UTC).astimezone(ISTANBUL).date()
    question = Question(Period(first, first + timedelta(days=DAYS), ISTANBUL), "TRY", NOW, "", prices=PRICES)
    with open_lake(FolderObjects(root), memory_mb=200) as connection:
        return {
            name: {
                table["name"]: sorted(table["rows"], key=str)
                for table in answer(connection, read_report(name), question)["tables"]
            }
            for name in REPORTS
        }
