"""``python -m benchmarks``: everything measured, in one table."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterator

from rich.console import Console

from benchmarks import (
    clicks,
    conversations,
    dry_runs,
    facts_size,
    forged_withdrawals,
    imports,
    ingest_cpu,
    ingest_units,
    iys,
    lake,
    membership,
    messages,
    prices,
    privacy,
    reports,
    segment_cpu,
    segment_units,
    stock,
    timers,
    wire,
    wire_share,
)
from benchmarks.rows import Row, as_json, print_table

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "ingest": ingest_units.rows,
    "segment": segment_units.rows,
    "facts": facts_size.rows,
    "wire": wire.rows,
    "ingest-cpu": ingest_cpu.rows,
    "segment-cpu": segment_cpu.rows,
    "membership": membership.rows,
    "timers": timers.rows,
    "messages": messages.rows,
    "clicks": clicks.rows,
    "conversations": conversations.rows,
    "stock": stock.rows,
    "wire-share": wire_share.rows,
    "dry-run": dry_runs.rows,
    "lake": lake.rows,
    "imports": imports.rows,
    "iys": iys.rows,
    "privacy": privacy.rows,
}
LONG_PARTS: dict[str, Callable[[], Iterator[Row]]] = {"reports": reports.rows, "withdrawals": forged_withdrawals.rows}
"""They take many minutes and gigabytes of disk or memory: measured only if they are named."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("--only", choices=[*PARTS, *LONG_PARTS], action="append", help="this part only")
    chosen = parser.parse_args()
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"  # the functions' counters are no answer here
    console = Console(stderr=True)
    rows: list[Row] = []
    for name in chosen.only or PARTS:
        with console.status(f"measuring {name}"):
            rows += (PARTS | LONG_PARTS)[name]()
    if chosen.json:
        print(as_json(rows, about()))
        return
    print_table(rows, about(), Console(width=max(Console().width, 150)))


def about() -> dict[str, str]:
    """What a reader must know to compare two runs."""
    system = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return {
        "machine": f"{system}, Python {platform.python_version()}",
        "prices": prices.SOURCE,
        "counted": "units as DynamoDB bills them, by the table in memory; processor time, never the clock on the wall",
    }


if __name__ == "__main__":
    main()
