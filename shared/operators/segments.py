"""``GET /v1/segments``: the published segments, how many are in each, and what is known of them as a whole."""

from __future__ import annotations

from typing import Any

from shared.operators.environment import Environment
from shared.operators.segment_state import segment_state
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.releases import Releases

COUNT_AT_MOST = 10_000
_COUNT_PAGE = 1_000


def segments(environment: Environment) -> dict[str, Any]:
    """The segments of the current release; members are counted up to ten thousand. With how far a backfill is."""
    release = Releases(environment.catalog).current()
    store = CustomerStore(environment.customers)
    items = []
    for definition in release.segments:
        count = _count(store, definition.segment)
        items.append(
            {
                "name": definition.segment,
                "label": definition.label,
                "aliases": list(definition.aliases),
                "members": count,
                "members_at_least": count >= COUNT_AT_MOST,
                "release": release.number,
            }
        )
    return {"items": items, "cursor": None, **segment_state(environment.catalog, release)}


def _count(store: CustomerStore, name: str) -> int:
    count = 0
    for shard in range(SHARDS):
        cursor = None
        while count < COUNT_AT_MOST:
            page = store.members_page(name, shard, limit=_COUNT_PAGE, cursor=cursor)
            count += len(page.items)
            cursor = page.cursor
            if cursor is None:
                break
    return min(count, COUNT_AT_MOST)
