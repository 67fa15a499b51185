"""Lists that are read from several partitions at once, newest first, page by page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from functions.ingest.answers import malformed
from shared.ports import Page

LIMIT = 50
MOST = 1_000

Read = Callable[[str, str | None, int], Page]
"""(partition, sort keys below this, at most so many) to the newest items."""


def limit_of(query: Mapping[str, str]) -> int:
    """How many items the caller wants on a page."""
    raw = query.get("limit", str(LIMIT))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:9]) <= MOST:
        raise malformed(f"limit must be a number from 1 to {MOST}")
    return int(raw)


def write_mark(mark: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=")


def read_mark(query: Mapping[str, str]) -> Any:
    """What ``write_mark`` put into the cursor, None without one. It comes from outside: check what is in it."""
    raw = query.get("cursor")
    if not raw:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    except (binascii.Error, ValueError, RecursionError) as broken:
        raise malformed("the cursor is not one of ours; start again without it") from broken


def merged_page(
    partitions: Iterable[str], read: Read, sort: str, query: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str | None]:
    """The newest items of all partitions below the cursor. Items with equal sort keys stay on one page.

    Each partition is asked for one page more than enough; the page ends where any of them might have more.
    """
    limit = limit_of(query)
    mark = read_mark(query)
    if mark is not None and not isinstance(mark, str):
        raise malformed("the cursor is not one of ours; start again without it")
    found: list[dict[str, Any]] = []
    horizon = ""
    for partition in partitions:
        page = read(partition, mark, limit + 1)
        found += page.items
        if page.cursor is not None and page.items:
            horizon = max(horizon, page.items[-1][sort])
    found.sort(key=lambda item: item[sort], reverse=True)
    certain = [item for item in found if item[sort] >= horizon]
    shown = certain[:limit]
    if not shown:
        return [], None
    last = shown[-1][sort]
    shown += [item for item in certain[limit:] if item[sort] == last]
    more = len(shown) < len(found) or horizon != ""
    return shown, write_mark(last) if more else None
