"""Announcements and who was told of them, in the table ``interests`` (its items are in ``interests.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.interests.announcement import About, Announcement
from shared.ports import Table, Write
from shared.stores.interests import announced_key, told_key

KEPT, TOLD_KEPT = timedelta(days=180), timedelta(days=30)
"""A dead letter is kept for 14 days: whoever was told is remembered for longer than that."""


@dataclass(frozen=True, slots=True)
class Told:
    """A person was told last of a kind of news about a product. ``key``: the identifier whose log says so. ``by``: the
    piece of work that told him: only that one writes the event again after a crash."""

    key: str
    episode: int
    at: datetime
    by: str
    properties: Mapping[str, Any]


class Announcements:
    """Announcements are written by the functions of stock only, each on condition of the version that was read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, about: About, product: str) -> Announcement | None:
        item = self._table.get(announced_key(product), about)
        return None if item is None else _read(item)

    def put(self, made: Announcement, previous: Announcement | None) -> Announcement:
        """Raises Conflict if another one was announced meanwhile."""
        written = replace(made, version=previous.version + 1 if previous else 1)
        self._table.put(_item(written), expect={"version": previous.version if previous else None})
        return written

    def told(self, about: About, product: str, keys: Iterable[str]) -> list[Told]:
        """When the identifiers of a person were told last."""
        found = self._table.get_many([(told_key(about, product), key) for key in keys])
        return [
            Told(item["sk"], int(item["episode"]), moment(int(item["at_ms"])), item["by"], item["properties"])
            for item in found
        ]

    def record(self, of: Announcement, told: Told, before: Told | None) -> None:
        """Note that a person is told; the event is written after it. Raises Conflict if somebody told him meanwhile."""
        self._table.put(_told_item(of, told), expect=_expected(before))

    def tell_first(self, of: Announcement, told: Told, before: Told | None) -> Announcement:
        """The same for the first wave: its last place is given once.

        Raises
        ------
        Conflict
            If somebody told him, or another person, meanwhile.
        """
        after = replace(of, left=of.left - 1, version=of.version + 1, last_told=told.key)
        person = Write(_told_item(of, told), _expected(before))
        self._table.transact([person, Write(_item(after), {"version": of.version})])
        return after


def _expected(before: Told | None) -> dict[str, Any]:
    return {"pk": None} if before is None else {"episode": before.episode}


def _told_item(of: Announcement, told: Told) -> dict[str, Any]:
    return {
        "pk": told_key(of.about, of.product),
        "sk": told.key,
        "episode": told.episode,
        "at_ms": milliseconds(told.at),
        "by": told.by,
        "properties": dict(told.properties),
        "expires": int((told.at + TOLD_KEPT).timestamp()),
    }


def _item(made: Announcement) -> dict[str, Any]:
    return {
        "pk": announced_key(made.product),
        "sk": made.about,
        "product": made.product,
        "episode": made.episode,
        "at_ms": milliseconds(made.at),
        "pieces": made.pieces,
        "left": made.left,
        "price": made.price,
        "was": made.was,
        "currency": made.currency,
        "version": made.version,
        "last_told": made.last_told,
        "expires": int((made.at + KEPT).timestamp()),
    }


def _read(item: Mapping[str, Any]) -> Announcement:
    pieces = item["pieces"]
    return Announcement(
        item["sk"],
        item["product"],
        int(item["episode"]),
        moment(int(item["at_ms"])),
        None if pieces is None else int(pieces),
        int(item["left"]),
        item["price"],
        item["was"],
        item["currency"],
        int(item["version"]),
        item["last_told"],
    )
