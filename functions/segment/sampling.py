"""The sizes of segments, without counting all of them; random customers are those of ``live_customers``."""

from __future__ import annotations

import random

from shared.domain.segments.audit import Size
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.live_customers import random_customers

__all__ = ["random_customers", "size_of_segment"]

COUNTED = 5_000
"""Members beyond which the shards that are left are estimated from those counted: right to some 1.5%."""
COUNT_PAGE = 2_000


def size_of_segment(store: CustomerStore, segment: str, rng: random.Random) -> Size:
    """Whole shards are counted, in random order, until there are enough members to tell of the others."""
    members, shards = 0, rng.sample(range(SHARDS), SHARDS)
    for done, shard in enumerate(shards, start=1):
        cursor = None
        while True:
            page = store.members_page(segment, shard, limit=COUNT_PAGE, cursor=cursor)
            members += len(page.items)
            cursor = page.cursor
            if cursor is None:
                break
        if members >= COUNTED and done < SHARDS:
            return Size(round(members * SHARDS / done), exact=False)
    return Size(members)
