"""How answers look: tables for people, one JSON document for programs."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]

_console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def as_json(content: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def line(text: str) -> None:
    """One line for people; markup of rich is understood."""
    _console.print(text, soft_wrap=True)


@contextlib.contextmanager
def working(on: str) -> Iterator[None]:
    """What is being worked on: with the seconds that pass on a terminal, as one line elsewhere."""
    if not _console.is_terminal:
        line(f"...  {on}")
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_console, transient=True) as progress:
        progress.add_task(on, total=None)
        yield


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table, or the sentence ``empty`` if there are no rows."""
    headed = any(columns)
    shown = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_header=headed)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(escape(text(cell)) for cell in row))
    if shown.row_count:
        _console.print(shown)
    else:
        line(empty)


def pairs(title: str, values: Mapping[str, Any]) -> None:
    """Names and values, one pair a line; empty values are left out."""
    filled = [(name, value) for name, value in values.items() if value not in (None, "", [], {}, ())]
    table(title, ("", ""), filled, empty=f"{title}: nothing is known")


def text(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case Mapping():
            return ", ".join(f"{name}: {text(inner)}" for name, inner in value.items())
        case list() | tuple():
            return ", ".join(text(inner) for inner in value)
        case _:
            return str(value)


def when(iso: Any) -> str:
    """A time of the API, shortened to the second."""
    return str(iso or "")[:19].replace("T", " ")
