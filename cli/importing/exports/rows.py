"""Rows of another tool's file: cells by their columns, and the rows of one order together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cli.importing.cell_text import cell_text
from cli.importing.columns import Column
from cli.importing.exports.export import Export
from cli.importing.exports.order import MOST_ROWS
from cli.importing.rows import Row, Unreadable

SCATTERED = "the rows of this order do not follow each other; sort the file by order number and import it again"


def columns_of(header: Sequence[str]) -> tuple[Column, ...]:
    """Columns by the very names of the header; of two of one name the first counts, one without a name goes nowhere."""
    seen: set[str] = set()
    columns = []
    for cell in header:
        name = cell.strip()
        columns.append(Column(name, (name,) if name and name not in seen else (), "text"))
        seen.add(name)
    return tuple(columns)


def cells_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a row that hold something, without the apostrophe before a number."""
    texts = {name: cell_text(str(cell)) for name, cell in content.items()}
    return {name: text for name, text in texts.items() if text}


def by_order(
    rows: Iterable[Row | Unreadable], export: Export, scattered: frozenset[int] = frozenset()
) -> Iterator[Row | Unreadable]:
    """Rows that follow each other and name the same order, as one; ``content`` is ``{"rows": [...]}``.

    A row among them that cannot be read is told before the order, as if it stood before it. An order
    of ``scattered`` is told and not taken: each of its groups would take the place of the other.
    """
    group: list[Row] = []
    number: object = None
    before: list[Unreadable] = []
    start = (1, 0)  # the line at which the group begins, and the end of what was before it

    def flush() -> Iterator[Row | Unreadable]:
        yield from (replace(one, next_line=start[0], end=start[1]) if group else one for one in before)
        if group:
            first, last = group[0], group[-1]
            if scattered and _digest(number) in scattered:
                yield Unreadable(first.line, last.next_line, last.end, first.text, SCATTERED)
            else:
                content = {"rows": [row.content for row in group]}
                yield Row(first.line, last.next_line, last.end, first.text, content)
        before.clear()
        group.clear()

    end = (1, 0)
    for row in rows:
        if isinstance(row, Unreadable):
            before.append(row)
            if len(before) > MOST_ROWS:
                yield from flush()
            continue
        this = _number(row.content, export)
        if not group or this != number:
            yield from flush()
            number, start = this, end
        if len(group) > MOST_ROWS:
            group[-1] = row  # more than any order may have: only its end still matters
        else:
            group.append(row)
        end = (row.next_line, row.end)
    yield from flush()


def scattered_orders(rows: Iterable[Row | Unreadable], export: Export) -> frozenset[int]:
    """The orders whose rows do not follow each other, for ``by_order``. Numbers are kept as 64 bits of their digest."""
    seen: set[int] = set()
    scattered: set[int] = set()
    last: object = None
    for row in rows:
        if isinstance(row, Unreadable):
            continue
        number, before = _number(row.content, export), last
        last = number
        if number and number != before:
            digest = _digest(number)
            (scattered if digest in seen else seen).add(digest)
    return frozenset(scattered)


def _digest(number: object) -> int:
    digest = hashlib.blake2b(str(number).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _number(content: Mapping[str, Any], export: Export) -> object:
    for column, cell in content.items():
        if export.target(column) == "order id":
            return cell_text(str(cell))
    return None
