"""Columns of CSV into names and values: dotted names nest, a type may follow a colon, empty cells are absent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cli.importing.cell_text import cell_text
from shared.domain.events.amounts import read_amount
from shared.domain.events.refusals import Refused
from shared.domain.events.size_limits import DEPTH

KINDS = ("text", "number", "boolean", "json")
NUMBERS = frozenset(
    {"price", "quantity", "total", "subtotal", "revenue", "shipping", "tax", "discount", "value", "position"}
)
"""Amounts of the e-commerce spec (facts: Segment); everything else stays text unless its column says ``:number``."""
LISTS = frozenset({"products"})
_TRUE = frozenset({"true", "yes", "1", "evet", "doğru"})
_FALSE = frozenset({"false", "no", "0", "hayır", "hayir", "yanlış", "yanliş"})


@dataclass(frozen=True, slots=True)
class Column:
    """Where the cells of a column go (nowhere if it has no name), and what they are."""

    name: str
    path: tuple[str, ...]
    kind: str


class _Tree(dict[str, Any]):
    """Nested by the names of columns, as against an object that a cell held."""


def read_header(cells: Sequence[str], *, amounts: bool = False) -> tuple[Column, ...]:
    """The columns of a header. With ``amounts`` the spec's names of amounts are numbers.

    Raises
    ------
    Refused
        If a name is there twice, leads into another one, or nests too deeply.
    """
    columns = tuple(_column(cell.strip(), amounts) for cell in cells)
    paths = [column.path for column in columns if column.path]
    if not paths:
        raise Refused("it names no column")
    twice = {path for path in paths if paths.count(path) > 1} if len(paths) < 1000 else {paths[0]}
    if twice:
        raise Refused(f"the column {'.'.join(min(twice))} is there twice (or there are more than 1,000)")
    inner = {path[:length] for path in paths for length in range(1, len(path))}
    both = inner & set(paths)
    if both:
        raise Refused(f"{'.'.join(min(both))} is a column and the beginning of another one")
    return columns


def content_of(columns: Iterable[Column], cells: Iterable[str]) -> dict[str, Any]:
    """One row as names and values; ``products.0.price`` makes a list.

    Raises
    ------
    Refused
        If a cell is not of its column's kind.
    """
    tree = _Tree()
    for column, cell in zip(columns, cells, strict=True):
        text = cell_text(cell)
        if not text or not column.path:
            continue
        holder: dict[str, Any] = tree
        for part in column.path[:-1]:
            holder = holder.setdefault(part, _Tree())
        holder[column.path[-1]] = _value(column, text)
    return {name: _with_lists(value) for name, value in tree.items()}


def number(text: str, name: str) -> int | float:
    """An amount, by the rules of the API (``read_amount``): ``1299.90``, ``1.299,90``, ``199,90 TL``.

    Raises
    ------
    Refused
        If it is none, or can be read in two ways (``1.299``): a wrong amount is worse than a rejected row.
    """
    read = read_amount(text)
    if read == "two_ways":
        raise Refused(f"the number in {name} can be read in two ways; write 1299 or 1.30, without thousands")
    if read == "no_amount":
        raise Refused(f"{name} is not a number; write it as 1299.90")
    return int(read) if read == read.to_integral_value() and "." not in str(read) else float(read)


def boolean(text: str, name: str) -> bool:
    """Yes or no, in English or Turkish."""
    said = text.lower()
    if said in _TRUE or said in _FALSE:
        return said in _TRUE
    raise Refused(f"{name} is neither true nor false")


def _column(cell: str, amounts: bool) -> Column:
    name, colon, kind = cell.rpartition(":")
    if not colon or kind not in KINDS:
        name, kind = cell, ""
    path = tuple(part.strip() for part in name.split(".")) if name else ()
    if len(path) > DEPTH:
        raise Refused(f"a column is nested deeper than {DEPTH} levels")
    if not kind:
        last = path[-1] if path else ""
        spec = amounts and path[:1] != ("traits",)
        kind = "number" if spec and last in NUMBERS else "json" if spec and last in LISTS else "text"
    return Column(name, path, kind)


def _value(column: Column, text: str) -> Any:
    match column.kind:
        case "number":
            return number(text, column.name)
        case "boolean":
            return boolean(text, column.name)
        case "json":
            try:
                return json.loads(text)
            except (ValueError, RecursionError) as broken:
                raise Refused(f"{column.name} is not valid JSON") from broken
        case _:
            return text


def _with_lists(value: Any) -> Any:
    if not isinstance(value, _Tree):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    if all(name.isdecimal() and name.isascii() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
