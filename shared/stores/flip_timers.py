"""The armed flips: whose memberships may change with time alone, and when first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

from shared.domain.identity.keys import time_text
from shared.ports import Table
from shared.stores.timers import SHARDS

_PAGE = 200


def pending_flips(table: Table, until: datetime, most: int) -> tuple[list[str], bool]:
    """Customers with a flip armed up to ``until``, those who are due first, at most ``most``; and whether more are.

    A request per shard, and one per 200 timers beyond.
    """
    below = f"{time_text(until)}$"
    found: dict[str, None] = {}
    for _, root in heapq.merge(*(_shard(table, shard, below) for shard in range(SHARDS))):
        if root not in found and len(found) == most:
            return list(found), True
        found[root] = None
    return list(found), False


def _shard(table: Table, shard: int, below: str) -> Iterator[tuple[str, str]]:
    """Due time and customer, in this order."""
    cursor = None
    while True:
        page = table.query(f"flip#{shard}", below=below, limit=_PAGE, cursor=cursor)
        for item in page.items:
            due, root, _ = item["sk"].split("#", 2)
            yield due, root
        cursor = page.cursor
        if cursor is None:
            return
