"""A dry run of a journey over a file of events, as somebody starts it: the whole command, imports included."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks import prices
from benchmarks.deployment import DEFINITIONS
from benchmarks.rows import Row
from benchmarks.shopper import START, Shopper

PART = "dry run"
PEOPLE = 100
EVENTS = 5_000
TARGET_SECONDS = 5.0
JOURNEY = DEFINITIONS / "journeys" / "cart-recovery.yaml"


def rows(rounds: int = 3, events: int = EVENTS) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.ndjson"
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _events(events)), "utf-8")
        seconds = min(_command(file) for _ in range(rounds))
    note = f"kervan journeys simulate, {PEOPLE} people, everybody agreed; processor time of the whole command"
    yield Row(
        PART, f"dry run: {events:,} events of a journey", seconds, "s", TARGET_SECONDS, prices.of_cpu(seconds), note
    )


def _events(count: int) -> Iterator[dict[str, object]]:
    """Shoppers with a browser each, who begin some hours after each other."""
    for number in range(PEOPLE):
        shopper = Shopper(seed=number, user=f"u-{number}", start=START + timedelta(hours=7 * number))
        yield from shopper.messages(count // PEOPLE)


def _command(file: Path) -> float:
    """Processor seconds of the command; raises AssertionError if it fails."""
    words = ["journeys", "simulate", str(JOURNEY), "--definitions", str(DEFINITIONS)]
    words += ["--events", str(file), "--assume-consent", "--json"]
    program = f"import sys; from cli.main import run; sys.exit(run({words!r}))"
    with Path(os.devnull).open("wb") as nowhere:
        process = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", program],
            {**os.environ, "PYTHONPATH": str(DEFINITIONS.parent)},
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )
        _, status, usage = os.wait4(process, 0)
    assert status == 0, "the dry run failed"
    return usage.ru_utime + usage.ru_stime
