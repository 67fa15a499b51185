"""Rows of NDJSON: one JSON object a line, read as the API reads a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from cli.importing.rows import Row, Unreadable, shown
from cli.importing.source import LINE_BYTES, Line, Source
from shared.domain.events.json_values import check_values
from shared.domain.events.refusals import Malformed, Refused
from shared.domain.events.request_body import read_body


def ndjson_rows(source: Source) -> Iterator[Row | Unreadable]:
    """Every line that is not blank, as a row or as what is wrong with it."""
    while (line := source.next_line()) is not None:
        if line.data is not None and not line.data.strip():
            continue
        try:
            content = _object(line)
        except (Refused, Malformed) as wrong:
            yield Unreadable(line.number, line.number + 1, line.end, shown(line.data), str(wrong))
        else:
            yield Row(line.number, line.number + 1, line.end, shown(line.data), content)


def _object(line: Line) -> dict[str, Any]:
    if line.data is None:
        raise Refused(f"the line is longer than {LINE_BYTES // 1024} KB")
    try:
        content = read_body(line.data, orjson.loads)
    except Malformed as broken:
        raise Refused(str(broken).replace("the body", "the line")) from broken
    if type(content) is not dict:
        raise Refused("the line is no JSON object (a JSON array becomes lines with jq -c '.[]')")
    check_values(content)
    return content
