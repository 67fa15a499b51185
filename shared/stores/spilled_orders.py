"""Orders of somebody who buys a lot: beyond 100 they move into further items, by hash of the order id, and with them
what public sources reported of orders.

The hash includes the partition key, which only this stack can compute: nobody can choose ids that share a bucket.

So an event of a wholesale customer rewrites the one small item that its order is in, not all orders. Items:
``facts#orders#<buckets>#<bucket>``. The number of buckets is written in ``facts``; items of another number are left
over from a crash or a smaller time, and are not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.facts.facts import Facts
from shared.domain.facts.newest import Entry
from shared.domain.facts.orders import OrderFacts
from shared.domain.facts.provisional import FURTHER
from shared.domain.identity.keys import shard_of

PREFIX = "facts#orders#"
MAX_TOGETHER = 100
"""Orders kept in ``facts`` itself."""
PER_BUCKET = 50
BYTES_TOGETHER = 64_000
BYTES_PER_BUCKET = 32_000
"""Estimated sizes, so that a few orders of hundreds of products spill as well."""


class Bucket(Struct, frozen=True):
    """A stored bucket, as read."""

    version: int
    data: bytes


def buckets_for(facts: Facts) -> int:
    """How many buckets its orders and reports take: 0 while they fit together, else a power of two."""
    count = len(facts.orders) + len(facts.reported)
    size = sum(_size(order) for order in facts.orders.values())
    size += sum(map(_size_of_report, facts.reported.values()))
    if count <= MAX_TOGETHER and size <= BYTES_TOGETHER:
        return 0
    wanted = max(2, -(-count // PER_BUCKET), -(-size // BYTES_PER_BUCKET))
    return 1 << (wanted - 1).bit_length()


def _size(order: OrderFacts) -> int:
    """Roughly its bytes in UTF-8 before deflating."""
    products = order.fields.get("products")
    listed = products[3] if products else ()
    tracking = order.fields.get("tracking")
    return (
        150
        + (sum(map(_bytes, tracking[3].values())) if tracking else 0)
        + 40 * len(order.refunds.entries)
        + _size_of_products(listed)
    )


def _size_of_products(listed: Sequence[Sequence[Any]]) -> int:
    return sum(30 + _bytes(str(product[0])) + _bytes(str(product[2])) for product in listed)


def _size_of_report(entry: Entry) -> int:
    said = entry[2]
    further = sum(10 + _bytes(product) for product in said.get(FURTHER, ()))
    return 150 + _size_of_products(said.get("products", ())) + further


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def sort_key(buckets: int, bucket: int) -> str:
    return f"{PREFIX}{buckets:05d}#{bucket:05d}"


def split(pk: str, facts: Facts, encode: Callable[[Facts], bytes]) -> tuple[Facts, int, dict[str, bytes]]:
    """What ``facts`` itself keeps, the number of buckets, and each bucket's bytes by sort key.

    ``pk`` is the partition key, a keyed digest of the identifier. An empty bucket is an item too: so a reader knows
    how many there are.
    """
    buckets = buckets_for(facts)
    if not buckets:
        return facts, 0, {}
    parts: defaultdict[int, Facts] = defaultdict(Facts)
    for order, known in facts.orders.items():
        parts[shard_of(f"{pk} {order}", buckets)].orders[order] = known
    for order, report in facts.reported.items():
        parts[shard_of(f"{pk} {order}", buckets)].reported[order] = report
    data = {sort_key(buckets, place): encode(parts[place]) for place in range(buckets)}
    return replace(facts, orders={}, reported={}), buckets, data


def complete(buckets: int, items: int, stored: Mapping[str, Bucket]) -> bool:
    """Whether all ``items`` of a split into ``buckets`` were read.

    Some are missing if a writer split the orders anew after ``facts`` was read and before its items were.
    """
    return sum(is_of(buckets, name) for name in stored) >= items


def is_of(buckets: int, name: str) -> bool:
    """Whether the item belongs to a split into so many buckets."""
    return name.startswith(f"{PREFIX}{buckets:05d}#")


def joined(facts: Facts, buckets: int, stored: Mapping[str, Bucket], decode: Callable[[bytes], Facts]) -> Facts:
    """``facts`` with the orders and reports of its buckets; what was given stays as it is."""
    orders, reported = dict(facts.orders), dict(facts.reported)
    for name, bucket in stored.items():
        if is_of(buckets, name):
            part = decode(bucket.data)
            orders.update(part.orders)
            reported.update(part.reported)
    return replace(facts, orders=orders, reported=reported)


def item(pk: str, name: str, data: bytes, previous: int) -> dict[str, Any]:
    return {"pk": pk, "sk": name, "version": previous + 1, "data": data}
