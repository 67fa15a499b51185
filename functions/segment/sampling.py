"""Random customers and the sizes of segments, without reading all of either."""

from __future__ import annotations

import random

from shared.domain.backfill import estimated
from shared.domain.keys import LETTERS, key_from
from shared.domain.segment_audit import Size
from shared.stores.customers import SHARDS, CustomerStore

PROBED = 50
CLUSTER = 4
"""Customers taken side by side from one place: digests have nothing in common with their neighbours."""
COUNTED = 5_000
"""Members beyond which the shards that are left are estimated from those counted: right to some 1.5%."""
COUNT_PAGE = 2_000


def random_customers(store: CustomerStore, wanted: int, rng: random.Random) -> list[str]:
    """Keys of live customers, each as likely as any other; everybody, if there are not many more than ``wanted``.

    Keys are keyed digests, so a place between them that is drawn by chance finds customers by chance. How many begin
    with which letter is estimated in one shard, for all are alike.
    """
    shard = rng.randrange(SHARDS)
    weights = {letter: _estimate(store, shard, letter) for letter in LETTERS}
    if sum(weights.values()) * SHARDS <= 4 * wanted:
        everybody = _everybody(store)
        return rng.sample(everybody, min(wanted, len(everybody)))
    found: dict[str, None] = {}
    letters, shares = list(weights), list(weights.values())
    for _ in range(3 * wanted // CLUSTER):
        letter = rng.choices(letters, shares)[0]
        place = key_from(letter, rng.random())
        found |= dict.fromkeys(store.live_from(rng.randrange(SHARDS), place, limit=CLUSTER))
        if len(found) >= wanted:
            break
    return list(found)[:wanted]


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


def _estimate(store: CustomerStore, shard: int, letter: str) -> int:
    page = store.live_page(shard, limit=PROBED, letter=letter)
    return estimated([item["pk"] for item in page.items], whole=page.cursor is None)


def _everybody(store: CustomerStore) -> list[str]:
    found: list[str] = []
    for shard in range(SHARDS):
        cursor = None
        while True:
            page = store.live_page(shard, limit=1_000, cursor=cursor)
            found += [item["pk"] for item in page.items]
            cursor = page.cursor
            if cursor is None:
                break
    return found
