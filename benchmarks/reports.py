"""A report over a year: 10 million events and 1 million messages, on two cores. Each in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.lake_of_a_year import DAY, DAYS, FULL, START, Size, write
from benchmarks.prices import GB_SECOND, INVOCATIONS, S3_GETS
from benchmarks.rows import Row
from functions.measure.compaction import Compaction
from functions.measure.layout import ROLLED
from functions.measure.report_files import report_names
from shared.adapters.folder_objects import FolderObjects

PART = "reports"
SECONDS, MEGABYTES = 3.0, 1_500.0
FUNCTION_GB = 3.0
"""Of the function that answers reports."""
YEAR, LAST = "2025-12-01", "2026-11-30"
ASKED = (
    *((name, "" if name == "predictions" else YEAR, LAST) for name in report_names() if name != "digest"),
    ("digest", "2026-11-01", LAST), ("overview", "2026-11-01", LAST), ("messages", "2026-11-01", LAST),
)  # fmt: skip
"""Every report over the year; the digest over the month that it is mailed about."""


def rows(size: Size = FULL, asked: Sequence[tuple[str, str, str]] = ASKED) -> Iterator[Row]:
    """Made in a folder of ``TMPDIR``, which is taken away."""
    folder = Path(mkdtemp(prefix="lake-of-a-year-"))
    try:
        write(folder, size)
        files = sum(1 for file in (folder / "lake").rglob("*.parquet"))
        stored = sum(file.stat().st_size for file in (folder / "lake").rglob("*.parquet"))
        yield Row(
            PART,
            "the lake: stored",
            stored / 1e6,
            "MB",
            note=f"{files} files, {size.events:,} events, {size.messages:,} messages",
        )
        seconds, files, stored = roll_up(folder)
        yield Row(PART, "its roll-ups: stored", stored / 1e6, "MB", note=f"{files} files for all reports")
        yield Row(PART, "its roll-ups: all of them made anew", seconds, "s", note="processor; a night makes one month")
        for name, first, last in asked:
            seconds, processor, megabytes, days = measured(folder, name, first, last)
            what = f"{name} over {days} days"
            dollars = 1_000 * (seconds * FUNCTION_GB * GB_SECOND + 2 * INVOCATIONS / 1e6)
            note = f"{processor:.1f} s of processor time; {dollars:.2f} dollars per 1,000 reports"
            yield Row(PART, f"{what}: seconds", seconds, "s", SECONDS, note=note)
            yield Row(PART, f"{what}: memory", megabytes, "MB", MEGABYTES)
        yield Row(
            PART,
            "files fetched once by a new environment",
            1,
            "report",
            note=f"{1_000 * files * S3_GETS / 1e6:.2f} dollars per 1,000 such",
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def roll_up(folder: Path) -> tuple[float, int, int]:
    """Seconds of the processor, files and bytes of what the night stores for reports."""
    began = time.process_time()
    Compaction(FolderObjects(folder), now_ms=START + (DAYS + 10) * DAY).run(night=True)
    seconds = time.process_time() - began
    stored = [file.stat().st_size for file in (folder / ROLLED).rglob("*.parquet")]
    return seconds, len(stored), sum(stored)


def measured(folder: Path, name: str, first: str, last: str) -> tuple[float, float, float, int]:
    """Seconds on the clock, seconds of the processor, the most memory in megabytes, and the days of the report."""
    command = [sys.executable, "-m", "benchmarks.reports", str(folder), name, first, last]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    return said["seconds"], said["processor"], said["megabytes"], said["days"]


def answer_once(folder: str, name: str, first: str, last: str) -> dict[str, float]:
    from functions.measure.answer_report import answer_report

    asked = {
        "report": name, "from": first, "to": last, "segment": "", "compare": "", "time_zone": "Europe/Istanbul",
        "currency": "TRY", "now": "2026-12-09T12:00:00+00:00",
    }  # fmt: skip
    began, worked = time.perf_counter(), time.process_time()
    found = answer_report(FolderObjects(Path(folder)), asked)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "processor": time.process_time() - worked,
        "megabytes": most_memory(Path("/proc/self/status").read_text("ascii")),
        "days": found["days"],
    }


def most_memory(status: str) -> float:
    """Megabytes. ``getrusage`` would tell those of the process that started this one, if they were more."""
    return int(status.partition("VmHWM:")[2].split()[0]) * 1_024 / 1e6


if __name__ == "__main__":
    print(json.dumps(answer_once(*sys.argv[1:5])))
