"""Random live customers, and about how many there are. Only the sparse index is read, no customer."""

from __future__ import annotations

import random
from collections.abc import Iterable

from shared.domain.identity.keys import LETTERS, key_from
from shared.domain.segments.backfill import estimated
from shared.stores.customers import SHARDS, CustomerStore

PROBED = 50
CLUSTER = 4
"""Customers taken side by side from one place: digests have nothing in common with their neighbours."""
_PAGE = 1_000


def random_customers(store: CustomerStore, wanted: int, rng: random.Random) -> list[str]:
    """Keys of live customers, each as likely as any other; everybody, if there are not many more than ``wanted``.

    Keys are keyed digests, so a place between them that is drawn by chance finds customers by chance. How many begin
    with which letter is estimated in one shard, for all are alike.
    """
    weights = _weights(store, [rng.randrange(SHARDS)])
    if sum(weights.values()) * SHARDS <= 4 * wanted:
        everybody, _ = first_customers(store, 64 * wanted)
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


def about_how_many(store: CustomerStore) -> int:
    """The number of live customers, within about 5% if there are many, estimated from the first few keys of each shard
    and letter."""
    return sum(_weights(store, range(SHARDS)).values())


def first_customers(store: CustomerStore, most: int) -> tuple[list[str], bool]:
    """Keys of live customers shard by shard, up to ``most``; and whether these are all."""
    found: list[str] = []
    for shard in range(SHARDS):
        cursor = None
        while True:
            page = store.live_page(shard, limit=min(_PAGE, most + 1 - len(found)), cursor=cursor)
            found += [item["pk"] for item in page.items]
            if len(found) > most:
                return found[:most], False
            cursor = page.cursor
            if cursor is None:
                break
    return found, True


def _weights(store: CustomerStore, shards: Iterable[int]) -> dict[str, int]:
    """About how many keys of each letter lie in these shards."""
    found = dict.fromkeys(LETTERS, 0)
    for shard in shards:
        for letter in LETTERS:
            page = store.live_page(shard, limit=PROBED, letter=letter)
            found[letter] += estimated([item["pk"] for item in page.items], whole=page.cursor is None)
    return found
