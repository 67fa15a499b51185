"""The parts of ``base.sql``: tables and views between the lake and the reports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

_HEAD = re.compile(r"^-- (period )?(table|view|rolled): ([a-z_]+)$", re.MULTILINE)
_READS = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """``made_as``: a table is computed once for a report, a view for each statement that reads it. ``of_period``: it is
    about the days asked for. ``rolled``: it says row by row what one table says, so the reader of the lake may have it
    already (rollups.py)."""

    name: str
    made_as: Literal["TABLE", "VIEW"]
    of_period: bool
    statement: str
    rolled: bool = False


@cache
def base_parts() -> tuple[Part, ...]:
    """All parts, each after those that it reads."""
    text = (Path(__file__).parent / "base.sql").read_text("utf-8")
    _, *found = _HEAD.split(text)
    return tuple(
        Part(name, "TABLE" if kind == "table" else "VIEW", bool(period), _statement(body), kind == "rolled")
        for period, kind, name, body in zip(found[::4], found[1::4], found[2::4], found[3::4], strict=True)
    )


def needed_parts(statements: Iterable[str]) -> list[Part]:
    """What these statements read, and what that reads, in the order in which it is made."""
    read = {name for statement in statements for name in reads(statement)}
    needed: list[Part] = []
    for part in reversed(base_parts()):
        if part.name in read:
            needed.append(part)
            read |= reads(part.statement)
    return needed[::-1]


def rolled_parts() -> tuple[Part, ...]:
    return tuple(part for part in base_parts() if part.rolled)


def reads(statement: str) -> set[str]:
    """The names of tables, parts and parts of its own that it reads."""
    return set(_READS.findall(statement))


def _statement(body: str) -> str:
    """Without the comment that belongs to the next part."""
    lines = body.strip().split("\n")
    while lines and lines[-1].startswith("--"):
        lines.pop()
    return "\n".join(lines).strip()
