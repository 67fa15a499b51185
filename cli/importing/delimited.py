"""Rows of CSV: the delimiter found in the header, quoted line breaks, and recovery after a quote that never closes."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cli.failure import Failure
from cli.importing.columns import Column, content_of
from cli.importing.rows import Row, Unreadable, shown
from cli.importing.source import Line, Source
from shared.domain.events.refusals import Refused

DELIMITERS = (",", ";", "\t", "|")
"""Excel writes ``;`` where the comma is the decimal sign, as in Turkey."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
RECORD_BYTES = 64 * 1024
RECORD_LINES = 200


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a file; rows follow."""

    delimiter: str
    columns: tuple[Column, ...]


def read_table(source: Source, encoding: str, columns: Callable[[Sequence[str]], tuple[Column, ...]]) -> Table:
    """The header, with Excel's line ``sep=;`` before it or not; ``columns`` makes columns of its cells.

    Raises
    ------
    Failure
        If there is none, or it cannot be used.
    """
    if source.is_utf16 and encoding != "utf-8":
        raise Failure(f"{source.path} is UTF-16: leave --encoding {encoding} out")
    line = _not_blank(source)
    delimiter = None
    if line is not None and line.data is not None and line.data.lower().startswith(b"sep=") and len(line.data) == 5:
        delimiter = chr(line.data[4])
        line = _not_blank(source)
    if line is None:
        raise Failure(f"{source.path} is empty: a CSV file begins with the names of its columns")
    try:
        text = _decoded(line, encoding)
        cells, delimiter = _header(text, delimiter)
        return Table(delimiter, columns(cells))
    except (Refused, csv.Error) as wrong:
        raise Failure(f"{source.path}: the header in line {line.number} cannot be read: {wrong}") from wrong


def csv_rows(source: Source, table: Table, encoding: str) -> Iterator[Row | Unreadable]:
    """Every row after the header. One that cannot be read costs its first line only: what follows is read anew."""
    while (first := source.next_line()) is not None:
        if first.data is not None and not first.data.strip():
            continue
        lines = [first]
        try:
            cells = _record(source, lines, table.delimiter, encoding)
            if len(cells) != len(table.columns):
                raise Refused(f"the row has {_cells(len(cells))}, the header has {_cells(len(table.columns))}")
        except (Refused, csv.Error) as wrong:
            source.put_back(lines[1:])
            yield Unreadable(first.number, first.number + 1, first.end, shown(first.data), _sentence(wrong))
            continue
        last, raw = lines[-1], b"\n".join(line.data or b"" for line in lines)
        try:
            content = content_of(table.columns, cells)
        except Refused as wrong:
            yield Unreadable(first.number, last.number + 1, last.end, shown(raw), str(wrong))
        else:
            yield Row(first.number, last.number + 1, last.end, shown(raw), content)


def _record(source: Source, lines: list[Line], delimiter: str, encoding: str) -> list[str]:
    """The cells of the record that begins with ``lines[0]``; the further lines that it takes are added."""

    def texts() -> Iterator[str]:
        yield _decoded(lines[0], encoding) + "\n"
        size = len(lines[0].data or b"")
        while (line := source.next_line()) is not None:
            lines.append(line)
            size += len(line.data or b"")
            if size > RECORD_BYTES or len(lines) > RECORD_LINES:
                raise Refused("a quote is not closed, or the row is longer than 64 KB or 200 lines")
            yield _decoded(line, encoding) + "\n"

    return next(csv.reader(texts(), delimiter=delimiter, strict=True))


def _decoded(line: Line, encoding: str) -> str:
    if line.data is None or len(line.data) > RECORD_BYTES:
        raise Refused(f"the row is longer than {RECORD_BYTES // 1024} KB")
    if b"\0" in line.data:
        raise Refused("the row holds a NUL byte")
    try:
        return line.data.decode(encoding).replace("\r", "\n")
    except UnicodeDecodeError as broken:
        raise Refused(f"the row is not {encoding.upper()} (older Excel in Turkey: --encoding cp1254)") from broken


def _header(text: str, delimiter: str | None) -> tuple[list[str], str]:
    """The names of the columns, split by the delimiter that stands most often outside of quotes and fits.

    A delimiter fits if the quotes are right with it: ``"Email Address","First Name"`` cannot be split at ``;``.
    """
    outside = _QUOTED.sub("", text)
    candidates = (delimiter,) if delimiter else sorted(DELIMITERS, key=outside.count, reverse=True)
    problem: csv.Error | None = None
    for sign in candidates:
        try:
            return next(csv.reader([text], delimiter=sign, strict=True), []), sign
        except csv.Error as wrong:
            problem = problem or wrong
    raise problem or csv.Error("it is empty")


def _not_blank(source: Source) -> Line | None:
    line = source.next_line()
    while line is not None and line.data is not None and not line.data.strip():
        line = source.next_line()
    return line


def _cells(count: int) -> str:
    return f"{count} cell{'' if count == 1 else 's'}"


def _sentence(wrong: Exception) -> str:
    if isinstance(wrong, Refused):
        return str(wrong)
    return "a quote is not closed" if "unexpected end" in str(wrong) else f"the quotes are wrong: {wrong}"
