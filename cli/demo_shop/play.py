"""Writes the lake of the made-up shop into a folder."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from cli.demo_shop.people import people
from cli.demo_shop.rows import Rows
from cli.demo_shop.story import Story
from cli.lake_folder import ABOUT

SEED = 1453
ZONE = "Europe/Istanbul"
RAW = "raw"
PRICES = {"email": "0.004", "sms": "0.35", "push": "0"}
"""What a message costs the made-up shop, in its currency."""


def play(folder: Path, now: datetime, *, customers: int = 2_000, days: int = 120, seed: int = SEED) -> dict[str, int]:
    """Make the lake anew: ``days`` whole days that end before today. The same seed and day give the same lake.

    Returns
    -------
    How many rows each table got.
    """
    random = Random(seed)  # noqa: S311 - a play, not a secret
    today = now.astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Rows(today)
    everybody = people(random, customers, days)
    start = today - timedelta(days=days)
    Story(random, everybody, rows, start, days).play()
    for person in everybody:
        rows.customer(person, start + timedelta(days=person.joined))
    _write(folder, rows, now)
    counts: dict[str, int] = {}
    for table, _ in rows.told:
        counts[table] = counts.get(table, 0) + 1
    return counts


def _write(folder: Path, rows: Rows, now: datetime) -> None:
    shutil.rmtree(folder / RAW, ignore_errors=True)
    (folder / RAW).mkdir(parents=True)
    with gzip.open(folder / RAW / "demo-shop.json.gz", "wt", encoding="utf-8", compresslevel=3) as lines:
        for table, row in rows.told:
            lines.write(json.dumps({"table": table, **row}, ensure_ascii=False, separators=(",", ":")) + "\n")
    about = {"time_zone": ZONE, "currency": "TRY", "prices": PRICES, "now": now.isoformat()}
    (folder / ABOUT).write_text(json.dumps(about) + "\n", "utf-8")
