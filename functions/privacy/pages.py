"""Reads a partition page by page while it is being deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.ports import Table

PAGE = 500


def pages(table: Table, pk: str, *, prefix: str | None = None) -> Iterator[list[dict[str, Any]]]:
    """Each page of a partition; what a reader deletes meanwhile is no matter."""
    cursor = None
    while True:
        page = table.query(pk, prefix=prefix, limit=PAGE, cursor=cursor)
        if page.items:
            yield page.items
        cursor = page.cursor
        if cursor is None:
            return
