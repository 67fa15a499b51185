"""The rows of the table, and its two forms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

Verdict = Literal["met", "missed", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number. ``target``: at most so much is wanted. ``dollars``: per million of what ``what`` names."""

    part: str
    what: str
    value: float
    unit: str
    target: float | None = None
    dollars: float | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.target is None:
            return ""
        return "met" if round(self.value, 2) <= self.target else "missed"


def as_json(rows: Iterable[Row], about: Mapping[str, Any]) -> str:
    return json.dumps({**about, "rows": [asdict(row) | {"verdict": row.verdict} for row in rows]}, indent=2)


def print_table(rows: Iterable[Row], about: Mapping[str, Any], console: Console) -> None:
    table = Table(title="Kervan, measured", title_justify="left", pad_edge=False, box=None, expand=False)
    table.add_column("what", overflow="fold")
    for heading in ("value", "", "target", "", "$ per million"):
        table.add_column(heading, justify="left" if heading == "" else "right", no_wrap=True)
    table.add_column("note", overflow="fold", style="dim")
    part = ""
    for row in rows:
        if row.part != part:
            part = row.part
            table.add_row(f"[bold]{part}[/bold]")
        colour = {"met": "green", "missed": "red", "": "default"}[row.verdict]
        table.add_row(
            f"  {row.what}",
            number(row.value),
            row.unit,
            "" if row.target is None else number(row.target),
            f"[{colour}]{row.verdict}[/{colour}]",
            "" if row.dollars is None else f"{row.dollars:.3f}",
            row.note,
        )
    console.print(table)
    for name, said in about.items():
        console.print(f"[dim]{name}: {said}[/dim]")


def number(value: float) -> str:
    """Whole numbers as they are, others with as many digits as can be believed."""
    if float(value).is_integer() and abs(value) < 1_000_000:
        return str(int(value))
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}"
