"""Reports as they are written: one file each, a head in YAML and a statement per table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "reports"
_FILE = re.compile(r"/\*(?P<head>.*?)\*/(?P<body>.*)", re.DOTALL)
_STATEMENT = re.compile(r"^-- (table|shared): ([a-z_]+)$", re.MULTILINE)

Kind = Literal[
    "text", "date", "count", "number", "money", "share", "days", "hours", "weekday", "ratio", "points", "advice"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Strict):
    """The same text in Turkish and English."""

    tr: str
    en: str


class Column(_Strict):
    """A column: its title in both languages, what it means, and its ``kind``, which says the unit.

    ``share``: 0 to 1; ``points``: a difference of two. ``money``: in the shop's currency. ``weekday``: 1 is Monday.
    ``date``: ``2026-11-29`` or ``2026-11``. ``advice``: the name of a rule of docs/digest.md. ``between``: the columns
    with the ends of its interval.
    """

    kind: Kind
    tr: str
    en: str
    means: str
    between: tuple[str, ...] = Field(default=(), max_length=2)


class Chart(_Strict):
    """How a table is drawn: ``bars`` or ``lines`` of ``y`` by ``x``; ``lines`` with ``by``: one line of ``y[0]`` for
    each of its values; ``matrix``: ``y[0]`` by ``x`` and ``by``."""

    kind: Literal["bars", "lines", "matrix"]
    x: str
    y: tuple[str, ...] = Field(min_length=1, max_length=4)
    by: str = ""


class TableHead(_Strict):
    """A table of a report. ``key``: columns that name a row, which a comparison joins by. ``finish``: the name of the
    computation in ``functions.measure.finish`` that makes its rows of what the statement finds. ``empty``: what to say
    in place of a table without rows."""

    name: str
    title: Said
    key: tuple[str, ...] = ()
    columns: dict[str, Column]
    chart: Chart | None = None
    finish: str = ""
    empty: Said | None = None


class Head(_Strict):
    """``reads_before``: it reads events of the period before, too."""

    title: Said
    description: Said
    parameters: tuple[Literal["from", "to", "segment", "compare"], ...]
    reads_before: bool = False
    tables: tuple[TableHead, ...] = Field(min_length=1)


class Report(_Strict):
    """A report with the statement of each of its tables. ``shared``: by name what several of them read, each of which
    may read those before it."""

    name: str
    head: Head
    shared: dict[str, str]
    statements: dict[str, str]


@cache
def report_names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in FOLDER.glob("*.sql")))


@cache
def read_report(name: str) -> Report:
    """The report of this name; it is one of ``report_names``.

    Raises
    ------
    ValueError
        If its file is not written as it must be.
    """
    found = _FILE.fullmatch((FOLDER / f"{name}.sql").read_text("utf-8").strip())
    if found is None:
        raise ValueError(f"{name}.sql has no head")
    head = Head.model_validate(yaml.safe_load(found["head"]))
    _, *parts = _STATEMENT.split(found["body"])
    written: dict[str, dict[str, str]] = {"shared": {}, "table": {}}
    for kind, part, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        written[kind][part] = text.strip().rstrip(";")
    if list(written["table"]) != [table.name for table in head.tables]:
        raise ValueError(f"{name}.sql: statements and tables of the head differ")
    return Report(name=name, head=head, shared=written["shared"], statements=written["table"])


def listed() -> list[dict[str, Any]]:
    """All reports: name, title, description, parameters and tables."""
    return [head_json(read_report(name)) for name in report_names()]


def sql_json(name: str) -> dict[str, Any]:
    """What a report is computed with, in the order in which it runs: ``base`` is what all of them read, ``shared``
    what several of its tables read."""
    report = read_report(name)
    return {
        "name": name,
        "title": report.head.title.model_dump(),
        "base": (FOLDER.parent / "base.sql").read_text("utf-8"),
        "shared": [{"name": part, "sql": text} for part, text in report.shared.items()],
        "tables": [
            {"name": table.name, "title": table.title.model_dump(), "sql": report.statements[table.name]}
            for table in report.head.tables
        ],
    }


def head_json(report: Report) -> dict[str, Any]:
    """What the report says, without rows."""
    head = report.head
    return {
        "name": report.name,
        "title": head.title.model_dump(),
        "description": head.description.model_dump(),
        "parameters": list(head.parameters),
        "tables": [table_json(table) for table in head.tables],
    }


def table_json(table: TableHead) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title.model_dump(),
        "key": list(table.key),
        "columns": [_column_json(name, column) for name, column in table.columns.items()],
        "chart": table.chart.model_dump() if table.chart else None,
        "empty": table.empty.model_dump() if table.empty else None,
    }


def _column_json(name: str, column: Column) -> Mapping[str, Any]:
    return {
        "name": name,
        "kind": column.kind,
        "title": {"tr": column.tr, "en": column.en},
        "means": column.means,
        "between": list(column.between),
    }
