"""The items of the table ``stock``: levels with the newest part of their log, and older parts of it.

Items: ``sku#<sku>`` / ``level#<location>``: a level, with ``version``; ``recent`` are the entries of its log since the
level was ``base``, and ``seq`` is the number of the first of them; ``shop_ms``, ``shop_short``, ``shop_holds`` and
``shop_untracked`` are its ``ShopView``, where a shop counts it. ``sku#<sku>`` / ``log#<location>#<seq>``: an older
part. ``key#<key>`` / ``mark``: that a request was applied, or a reservation (``reservation_items``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from shared.domain.identity.keys import milliseconds, safe_id
from shared.domain.stock.level import Level
from shared.domain.stock.level_log import Chapter, Entry, total
from shared.domain.stock.movement import Place
from shared.domain.stock.request import StockRequest
from shared.domain.stock.shop_view import NO_SHOP, OrderHold, ShopView
from shared.stores.stock_shards import SHARDS, level_shard

LEVEL = "level#"
LOG = "log#"
MARK = "mark"
MOST_RECENT = 6
"""Entries that a level keeps: with these it stays within one write unit. The next one moves them into an item."""


def sku_key(sku: str) -> str:
    """The partition key of a sku."""
    return f"sku#{safe_id(sku)}"


def mark_key(key: str) -> str:
    """The partition key of the mark of a request."""
    return f"key#{safe_id(key)}"


def level_key(place: Place) -> tuple[str, str]:
    """Partition and sort key of a level."""
    return sku_key(place.sku), LEVEL + safe_id(place.location)


class StoredLevel(Struct, frozen=True):
    """A level as it is stored, or as it begins: with nothing."""

    place: Place
    level: Level = field(default_factory=Level)
    version: int = 0
    chapter: Chapter = field(default_factory=lambda: Chapter(0, Level(), ()))
    view: ShopView = NO_SHOP

    def with_entries(self, entries: tuple[Entry, ...], view: ShopView) -> StoredLevel:
        """The level after these entries. A chapter that is full stays behind, as ``full_chapter`` tells."""
        kept = self.chapter
        if self.full_chapter is not None:
            kept = Chapter(kept.number + len(kept.entries), kept.after, ())
        return StoredLevel(
            self.place,
            total(self.level, (entry.change for entry in entries)),
            self.version + 1,
            Chapter(kept.number, kept.before, (*kept.entries, *entries)),
            view,
        )

    @property
    def full_chapter(self) -> Chapter | None:
        """The entries that have to be written apart before the next one. They are the same whoever writes them."""
        return self.chapter if len(self.chapter.entries) >= MOST_RECENT else None

    def item(self) -> dict[str, Any]:
        """The item, with the key by which the index ``levels`` lists it."""
        pk, sk = level_key(self.place)
        digest = hashlib.blake2b(f"{pk} {sk}".encode(), digest_size=8).hexdigest()
        return {
            "pk": pk,
            "sk": sk,
            "level_shard": level_shard(int(digest[:2], 16) % SHARDS),
            "level_mark": digest,
            "sku": self.place.sku,
            "location": self.place.location,
            "on_hand": self.level.on_hand,
            "reserved": self.level.reserved,
            "incoming": self.level.incoming,
            "version": self.version,
            "seq": self.chapter.number,
            "base": _numbers(self.chapter.before),
            "recent": [_entry_row(entry) for entry in self.chapter.entries],
            **_view_fields(self.view),
        }


def read_level(item: Mapping[str, Any]) -> StoredLevel:
    """The level of an item."""
    return StoredLevel(
        Place(item["sku"], item["location"]),
        Level(int(item["on_hand"]), int(item["reserved"]), int(item["incoming"])),
        int(item["version"]),
        Chapter(int(item["seq"]), _level(item["base"]), tuple(map(_entry, item["recent"]))),
        _view(item),
    )


def chapter_item(place: Place, chapter: Chapter) -> dict[str, Any]:
    """The item of a full chapter."""
    return {
        "pk": sku_key(place.sku),
        "sk": f"{LOG}{safe_id(place.location)}#{chapter.number:012d}",
        "base": _numbers(chapter.before),
        "entries": [_entry_row(entry) for entry in chapter.entries],
    }


def read_chapter(item: Mapping[str, Any]) -> Chapter:
    """The chapter of an item."""
    number = int(str(item["sk"]).rpartition("#")[2])
    return Chapter(number, _level(item["base"]), tuple(map(_entry, item["entries"])))


def movement_mark(request: StockRequest, print_: str, levels: Sequence[Level]) -> dict[str, Any]:
    """The item by which a request is known again: what it asked, and the levels after it."""
    return {
        "pk": mark_key(request.key),
        "sk": MARK,
        "kind": "movement",
        "print": print_,
        "about": request.about,
        "at": milliseconds(request.at),
        "after": [_numbers(level) for level in levels],
    }


def _view_fields(view: ShopView) -> dict[str, Any]:
    if view.at_ms == 0:
        return {}
    found = {
        "shop_short": view.short,
        "shop_holds": [list(one) for one in view.holds],
        "shop_untracked": view.untracked,
    }
    return {"shop_ms": view.at_ms, **{name: value for name, value in found.items() if value}}


def _view(item: Mapping[str, Any]) -> ShopView:
    holds = tuple(OrderHold(id_, int(many), int(at), state) for id_, many, at, state in item.get("shop_holds", ()))
    return ShopView(
        int(item.get("shop_ms", 0)), int(item.get("shop_short", 0)), holds, bool(item.get("shop_untracked"))
    )


def _numbers(level: Level) -> list[int]:
    return [level.on_hand, level.reserved, level.incoming]


def _level(numbers: list[Any]) -> Level:
    return Level(*map(int, numbers))


def _entry_row(entry: Entry) -> list[Any]:
    return [entry.step, entry.key, *_numbers(entry.change), entry.at_ms]


def _entry(row: list[Any]) -> Entry:
    return Entry(row[0], row[1], _level(row[2:5]), int(row[5]))
