"""A shop's items, levels and shares in the table ``stock`` (docs/connectors.md#stock).

Items: ``shop#<connector>#<digest of the item>`` with ``sku`` (how it is called, and was called before) and
``level#<digest of the location>`` (its newest level there); ``shopsku#<connector>#<digest of the sku>`` with
``shares#<digest of the location>`` (what each item adds to it). Each is written on condition of its version, a share
in one transaction with the count that follows from it.

Whoever writes a word about an item settles it afterwards: the last to write sees both words, so no crash and no race
leaves a share out that a further delivery of the same message does not add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.connectors.shop_stock import Share, SkuShares, Stamp, newer_level, newer_sku, share_of
from shared.domain.connectors.translation import ItemSku, ShopLevel
from shared.domain.stock.movement import Place
from shared.domain.stock.request import Line, StockRequest
from shared.ports import Conflict, Table, Throttled, Write
from shared.stores.stock import LineRefused, RulesOf, StockStore
from shared.stores.stock_items import level_key, read_level

SKU, LEVEL, SHARES = "sku", "level#", "shares#"
TRIES = 8
MOST_FORMER = 20
"""Former skus of an item that are remembered; those before them were settled when it was renamed."""


@dataclass(slots=True)
class Settled:
    """How many counts were written, and how many words were older than what is known."""

    counted: int = 0
    older: int = 0


class ShopStock:
    """The stock of connected shops; methods may raise Throttled: then the message comes again, which is harmless."""

    def __init__(self, table: Table, stock: StockStore, rules: RulesOf, pause: Callable[[int], None]) -> None:
        self._table, self._stock, self._rules, self._pause = table, stock, rules, pause

    def take_item(self, connector: str, said: ItemSku, now: datetime, tally: Settled) -> None:
        """Note how an item is called, and settle its levels if that is new."""
        pk = _item_pk(connector, said.item)
        for attempt in range(TRIES):
            stored = self._table.get(pk, SKU)
            if not newer_sku(said, None if stored is None else _read_sku(said.item, stored)):
                tally.older += 1
                break
            same = stored is not None and stored["sku"] == said.sku
            try:
                self._table.put(_sku_item(pk, said, stored), expect={"version": _version(stored) or None})
            except Conflict:
                self._pause(attempt)
                continue
            if same:
                return
            break
        else:
            raise Throttled("others keep changing the same item")
        self._settle(connector, said.item, self._levels(pk, said.item), now, tally)

    def take_level(self, connector: str, said: ShopLevel, now: datetime, tally: Settled) -> None:
        """Note how many pieces of an item can be sold at a location, and count them if it is known how it is called."""
        pk, sk, newest = _item_pk(connector, said.item), LEVEL + _digest(said.location), said
        for attempt in range(TRIES):
            stored = self._table.get(pk, sk)
            known = None if stored is None else _read_level(said.item, stored)
            if known is not None and not newer_level(said, known):
                newest, tally.older = known, tally.older + 1
                break
            try:
                self._table.put(_level_item(pk, sk, said, stored), expect={"version": _version(stored) or None})
                break
            except Conflict:
                self._pause(attempt)
        else:
            raise Throttled("others keep changing the same level")
        self._settle(connector, said.item, [newest], now, tally)

    def _settle(self, connector: str, item: str, levels: Sequence[ShopLevel], now: datetime, tally: Settled) -> None:
        """Bring the shares of an item to what is known of it. Everybody writes his word first and reads then, so a
        word that comes between is seen by whoever wrote it."""
        stored = self._table.get(_item_pk(connector, item), SKU)
        if stored is None:
            return
        sku = _read_sku(item, stored)
        for level in levels:
            for name in stored["former"]:
                tally.counted += self._share(
                    connector, Place(name, level.location), item, share_of(sku, level, name), now
                )
            place = Place(sku.sku, level.location)
            tally.counted += self._share(connector, place, item, share_of(sku, level, sku.sku), now)

    def _levels(self, pk: str, item: str) -> list[ShopLevel]:
        levels: list[ShopLevel] = []
        cursor = None
        while True:
            page = self._table.query(pk, prefix=LEVEL, cursor=cursor)
            levels += [_read_level(item, one) for one in page.items]
            cursor = page.cursor
            if cursor is None:
                return levels

    def _shares(self, connector: str, place: Place) -> SkuShares:
        stored = self._table.get(_sku_pk(connector, place.sku), SHARES + _digest(place.location))
        if stored is None:
            return SkuShares({})
        rows: Mapping[str, Any] = stored["shares"]
        shares = {
            item: Share(Stamp(int(row[0]), row[1], *map(int, row[2:5])), int(row[5])) for item, row in rows.items()
        }
        return SkuShares(shares, _version(stored))

    def _share(self, connector: str, place: Place, item: str, share: Share, now: datetime) -> bool:
        """Write what an item adds to a sku, with the count that follows; False if that is known."""
        for attempt in range(TRIES):
            known = self._shares(connector, place)
            wanted = known.with_share(item, share)
            if wanted is known:
                return False
            write = Write(_shares_item(connector, place, wanted), {"version": known.version or None})
            try:
                if known.version and wanted.total == known.total:
                    self._table.put(write.item, expect=write.expect)
                    return False
                self._count(connector, place, wanted, write, now)
                return True
            except (Conflict, Throttled):
                self._pause(attempt)
        raise Throttled("others keep changing the same sku")

    def _count(self, connector: str, place: Place, wanted: SkuShares, write: Write, now: datetime) -> None:
        """What the shop can sell lies there; pieces that are reserved here stay reserved, if the shop has fewer."""
        quantity = wanted.total
        for attempt in range(TRIES):
            key = f"shop {_digest(connector, *place, repr(write.item), str(quantity))}"
            line = Line("count", place.sku, place.location, quantity)
            try:
                self._stock.apply(StockRequest(key, (line,), now, connector), self._rules, [write])
                return
            except LineRefused:
                stored = self._table.get(*level_key(place))
                quantity = max(wanted.total, 0 if stored is None else read_level(stored).level.reserved)
                self._pause(attempt)
        raise Throttled("others keep reserving the same sku")


def _shares_item(connector: str, place: Place, wanted: SkuShares) -> dict[str, Any]:
    return {
        "pk": _sku_pk(connector, place.sku),
        "sk": SHARES + _digest(place.location),
        "shares": {item: [*one.stamp, one.quantity] for item, one in wanted.shares.items()},
        "version": wanted.version + 1,
    }


def _sku_item(pk: str, said: ItemSku, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """``named_ms``: since when it is called so, as far as is known; a word that says the same again changes nothing
    but how new that is."""
    same = stored is not None and stored["sku"] == said.sku
    before = [] if stored is None else [*stored["former"], *([] if same else [stored["sku"]])]
    return {
        "pk": pk,
        "sk": SKU,
        "sku": said.sku,
        "at_ms": said.at_ms,
        "named_ms": stored["named_ms"] if stored is not None and same else said.at_ms,
        "former": [one for one in dict.fromkeys(before) if one != said.sku][-MOST_FORMER:],
        "version": _version(stored) + 1,
    }


def _level_item(pk: str, sk: str, said: ShopLevel, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "pk": pk,
        "sk": sk,
        "location": said.location,
        "quantity": said.quantity,
        "at_ms": said.at_ms,
        "tie_ms": said.tie_ms,
        "version": _version(stored) + 1,
    }


def _read_sku(item: str, stored: Mapping[str, Any]) -> ItemSku:
    """With ``named_ms`` where shares are stamped: ``at_ms`` only says whether another word is newer."""
    return ItemSku(item, stored["sku"], int(stored["at_ms"]), int(stored["named_ms"]))


def _read_level(item: str, stored: Mapping[str, Any]) -> ShopLevel:
    return ShopLevel(
        item, stored["location"], int(stored["quantity"]), int(stored["at_ms"]), int(stored["tie_ms"])
    )  # fmt: skip


def _version(stored: Mapping[str, Any] | None) -> int:
    return 0 if stored is None else int(stored["version"])


def _item_pk(connector: str, item: str) -> str:
    return f"shop#{connector}#{_digest(item)}"


def _sku_pk(connector: str, sku: str) -> str:
    return f"shopsku#{connector}#{_digest(sku)}"


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
