"""Feeds in the catalog: ``feeds`` / ``<name>`` with the definition; ``feed#<name>`` / ``pull`` with what became of the
last pull, and ``feed#<name>`` / ``rows#<n>`` with a digest for each product that the feed had.

A product of a feed whose digest is known says the same as at the last pull: it costs nothing to pass it over. The
digests of 100,000 products are 1.6 MB in 64 items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.connectors.feed import Feed, Pull, Refusal
from shared.domain.identity.keys import milliseconds, moment
from shared.ports import Table

FEEDS, PULL, ROWS = "feeds", "pull", "rows#"
BUCKETS = 64
_SIZE = 8
"""Bytes of the digest of an id, and of a product: two of 100,000 are the same in one of 3.7 thousand million feeds."""


def put_feed(catalog: Table, feed: Feed) -> bool:
    """Publish a feed; False if it is published already as it is."""
    definition = feed.model_dump_json(exclude_none=True)
    found = catalog.get(FEEDS, feed.feed)
    if found is not None and found["definition"] == definition:
        return False
    catalog.put({"pk": FEEDS, "sk": feed.feed, "definition": definition})
    return True


def keep_feeds(catalog: Table, names: Iterable[str]) -> list[str]:
    """Take away feeds that are no longer described; their names. What they brought stays."""
    kept = set(names)
    gone = [one.feed for one in Feeds(catalog).all() if one.feed not in kept]
    for name in gone:
        catalog.delete(FEEDS, name)
    return gone


class Feeds:
    """Read and written by the function that pulls feeds."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def all(self) -> list[Feed]:
        """Every published feed, by name."""
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self._table.query(FEEDS, cursor=cursor)
            items += page.items
            cursor = page.cursor
            if cursor is None:
                return [Feed.model_validate_json(item["definition"]) for item in items]

    def last(self, name: str) -> Pull | None:
        """What became of the last pull."""
        item = self._table.get(_pk(name), PULL)
        return None if item is None else read_pull(item)

    def put(self, name: str, pull: Pull) -> None:
        """Note what became of a pull."""
        self._table.put(
            {
                "pk": _pk(name),
                "sk": PULL,
                "state": pull.state,
                "started_ms": milliseconds(pull.started_at),
                "ended_ms": milliseconds(pull.ended_at),
                "next_ms": milliseconds(pull.next_at),
                "etag": pull.etag,
                "last_modified": pull.last_modified,
                "digest": pull.digest,
                "products": pull.products,
                "written": pull.written,
                "same": pull.same,
                "refused": pull.refused,
                "refusals": [[one.place, one.id, one.problem] for one in pull.refusals],
                "failure": pull.failure,
                "definition": pull.definition,
                **({"turns_ms": milliseconds(pull.turns_at)} if pull.turns_at else {}),
                **({"page": pull.page} if pull.page > 1 else {}),
            }
        )

    def rows(self, name: str) -> FeedRows:
        """The digests of the products that the feed had; 64 items are read."""
        keys = [(_pk(name), f"{ROWS}{number}") for number in range(BUCKETS)]
        found = {item["sk"]: bytes(item["rows"]) for item in self._table.get_many(keys)}
        return FeedRows(name, found)

    def put_rows(self, rows: FeedRows) -> int:
        """Write the items of digests that changed; how many."""
        items = list(rows.changed_items())
        for start in range(0, len(items), 25):
            self._table.put_many(items[start : start + 25])
        return len(items)


class FeedRows:
    """Digests by id, in memory: 100,000 take some 20 MB."""

    def __init__(self, name: str, stored: Mapping[str, bytes]) -> None:
        self._name = name
        self._known: list[dict[bytes, bytes]] = [{} for _ in range(BUCKETS)]
        self._changed: set[int] = set()
        for sk, raw in stored.items():
            bucket = self._known[int(sk.removeprefix(ROWS))]
            for start in range(0, len(raw), 2 * _SIZE):
                bucket[raw[start : start + _SIZE]] = raw[start + _SIZE : start + 2 * _SIZE]

    def is_known(self, id_: str, digest: bytes) -> bool:
        """Whether a product said the same at the last pull."""
        key = _id_digest(id_)
        return self._known[key[0] % BUCKETS].get(key) == digest

    def note(self, id_: str, digest: bytes) -> None:
        """A product was taken as it is."""
        key = _id_digest(id_)
        self._known[key[0] % BUCKETS][key] = digest
        self._changed.add(key[0] % BUCKETS)

    def changed_items(self) -> Iterable[dict[str, Any]]:
        """The items that are to be written."""
        for number in sorted(self._changed):
            raw = b"".join(key + value for key, value in sorted(self._known[number].items()))
            yield {"pk": _pk(self._name), "sk": f"{ROWS}{number}", "rows": raw}


def row_digest(product: str) -> bytes:
    """The digest of a product as the feed says it."""
    return hashlib.blake2b(product.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def read_pull(item: Mapping[str, Any]) -> Pull:
    """What ``Feeds.put`` wrote."""
    return Pull(
        state=item["state"],
        started_at=moment(int(item["started_ms"])),
        ended_at=moment(int(item["ended_ms"])),
        next_at=moment(int(item["next_ms"])),
        etag=item["etag"],
        last_modified=item["last_modified"],
        digest=item["digest"],
        products=int(item["products"]),
        written=int(item["written"]),
        same=int(item["same"]),
        refused=int(item["refused"]),
        refusals=tuple(Refusal(int(place), id_, problem) for place, id_, problem in item["refusals"]),
        failure=item["failure"],
        turns_at=moment(int(item["turns_ms"])) if "turns_ms" in item else None,
        page=int(item.get("page", 1)),
        definition=item.get("definition", ""),
    )


def _pk(name: str) -> str:
    return f"feed#{name}"


def _id_digest(id_: str) -> bytes:
    return hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
