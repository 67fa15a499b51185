"""The table ``interests``: who may care about a product, who was told of it, and what was announced.

Items: ``product#<id>#<shard>`` / ``<rank>#<time>#<home>``: an identifier whose facts showed an interest. It is a hint:
it is written before the facts, never changed, and expires when it cannot count any more. ``told#<kind>#<id>`` /
``<key>``: who was told last of what. ``announced#<id>`` / ``<kind>``: the last announcement, with the number of people
that its first wave may still tell.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from msgspec import Struct

from shared.domain.identity.keys import moment, safe_id, shard_of, time_text
from shared.domain.interests.interest import KINDS, Interest, Kind
from shared.domain.interests.why_told import Subject
from shared.ports import Table

SHARDS = 8
"""Of a product: a popular one is looked at by thousands at once."""
PAGE = 100


class Hint(Struct, frozen=True):
    """Somebody who may care. ``place`` is where he stands in the order of telling."""

    place: str
    home: str
    kind: Kind


class Interests:
    """The index. Segment writes it, ``functions/stock`` reads it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, home: str, interests: Iterable[Interest]) -> None:
        """Write interests of one identifier; durable when it returns. The same again changes nothing."""
        items = {(item["pk"], item["sk"]): item for item in (_item(home, one) for one in interests)}
        if items:
            self._table.put_many(list(items.values()))

    def forget(self, home: str, interests: Iterable[Interest]) -> int:
        """Delete what these interests may have left of an identifier. Returns how many items were there."""
        keys = list(dict.fromkeys(_key(home, one) for one in interests))
        found = [(item["pk"], item["sk"]) for item in self._table.get_many(keys)] if keys else []
        if found:
            self._table.delete_many(found)
        return len(found)

    def hints(self, subject: Subject, shards: Collection[int] = range(SHARDS), behind: str = "") -> Iterator[Hint]:
        """Who may care, in the order of telling: asked, cart, wishlist, viewed; the older first. From ``behind`` on."""
        ids = [(subject.product, "")]
        if subject.group and subject.group != subject.product:
            ids.append((subject.group, subject.product))
        parts = [self._part(f"{_pk(id_)}#{shard}", sku, behind) for id_, sku in ids for shard in sorted(shards)]
        return heapq.merge(*parts, key=lambda hint: hint.place)

    def _part(self, pk: str, only_sku: str, behind: str) -> Iterator[Hint]:
        cursor = None
        while True:
            at_least = f"{behind} " if behind else None  # the sign before every other that a key may hold
            page = self._table.query(pk, at_least=at_least, limit=PAGE, cursor=cursor)
            for item in page.items:
                if not only_sku or item.get("sku") == only_sku:
                    rank, _, home = item["sk"].split("#")
                    yield Hint(item["sk"], home, KINDS[int(rank)])
            cursor = page.cursor
            if cursor is None:
                return


def told_key(kind: str, product: str) -> str:
    return f"told#{kind}#{safe_id(product)}"


def announced_key(product: str) -> str:
    return f"announced#{safe_id(product)}"


def _pk(product: str) -> str:
    return f"product#{safe_id(product)}"


def _key(home: str, one: Interest) -> tuple[str, str]:
    place = f"{KINDS.index(one.kind)}#{time_text(moment(one.ordered_by))}#{home}"
    return f"{_pk(one.product)}#{shard_of(home, SHARDS)}", place


def _item(home: str, one: Interest) -> dict[str, Any]:
    pk, sk = _key(home, one)
    item: dict[str, Any] = {"pk": pk, "sk": sk, "expires": one.expires // 1000}
    return {**item, "sku": one.sku} if one.sku else item
