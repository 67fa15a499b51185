"""Members of a segment as a file: rows as they come, the file whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.failure import of_disk

Item = Mapping[str, Any]
_KINDS = ("user", "email", "phone", "loyalty")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BEFORE = " \"'\n\u00a0\ufeff"
"""Signs that spreadsheets pass over before they look for a formula."""


def csv_rows(items: Iterable[Item], traits: Sequence[str]) -> Iterator[str]:
    """A header, then a line per member; columns do not depend on who is in. The first identifier of each kind.

    It begins with a byte order mark: without one Excel shows Turkish letters wrongly.
    """
    yield "\ufeff" + _line(["customer", "since", *_KINDS, *traits])
    for item in items:
        named: dict[str, str] = {}
        for identifier in item["identifiers"]:
            kind, _, value = identifier.partition(":")
            named.setdefault(kind, value)
        values = [item["traits"].get(trait) for trait in traits]
        yield _line([item["customer"], item["since"], *(named.get(kind, "") for kind in _KINDS), *map(_plain, values)])


def ndjson_rows(items: Iterable[Item], traits: Sequence[str]) -> Iterator[str]:
    """A JSON document per member, with all identifiers."""
    for item in items:
        told = {name: item[name] for name in ("customer", "since", "identifiers")}
        chosen = {trait: item["traits"].get(trait) for trait in traits}
        yield json.dumps({**told, "traits": chosen}, ensure_ascii=False) + "\n"


WRITERS: Mapping[str, Callable[[Iterable[Item], Sequence[str]], Iterator[str]]] = {
    "csv": csv_rows,
    "ndjson": ndjson_rows,
}


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could be one gets an apostrophe in front.

    >>> harmless("=1+1"), harmless(' "@SUM(A1)'), harmless("Ayşe")
    ("'=1+1", '\\' "@SUM(A1)', 'Ayşe')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip(_BEFORE).startswith(_FORMULA) else cell


def write_out(format: str, items: Iterable[Item], traits: Sequence[str], out: Path | None) -> int:  # noqa: A002
    """Writes all members and says how many; a file is put in place when it is whole, readable for its owner only.

    Raises
    ------
    Failure
        If the disk refuses; what was there before stays.
    """
    counted = _Counted(items)
    rows = WRITERS[format](counted, traits)
    if out is None:
        sys.stdout.writelines(rows)
        return counted.number
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.writelines(rows)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as problem:
        raise of_disk(problem, f"writing {out}") from problem
    return counted.number


@dataclass
class _Counted:
    """Members as they come, counted."""

    items: Iterable[Item]
    number: int = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self.items:
            self.number += 1
            yield item


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
