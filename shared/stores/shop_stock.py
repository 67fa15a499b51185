"""A shop's items, levels and shares in the table ``stock`` (docs/connectors.md#stock).

Items: ``shop#<connector>#<digest of the item>`` with ``sku`` (how it is called, and was called before) and
``level#<digest of the shop's number of the location>`` (its newest level there);
``shopsku#<connector>#<digest of the sku>`` with ``shares#<digest of the location>`` (what each level adds to it, by
``share_key``). Each is written on condition of its version, a share in one transaction with the level that follows.

Whoever writes a word about an item settles it afterwards: the last to write sees both words, so no crash and no race
leaves a share out that a further delivery of the same message does not add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.domain.connectors.shop_stock import Share, SkuShares, Stamp, newer_level, newer_sku, share_of
from shared.domain.connectors.translation import ItemGone, ItemSku, ShopLevel
from shared.domain.identity.keys import milliseconds
from shared.domain.stock.movement import Place
from shared.ports import Conflict, Table, Throttled, Write
from shared.stores.stock import StockStore
from shared.stores.stock_changes import RulesOf

SKU, LEVEL, SHARES = "sku", "level#", "shares#"
TRIES = 8
MOST_FORMER = 20
"""Former skus of an item, and former names of a location, that are remembered; those before them were settled when it
was renamed."""


@dataclass(frozen=True, slots=True)
class _Level:
    """The newest level of an item at a location, and how the location was called before."""

    newest: ShopLevel
    former: tuple[str, ...] = ()


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
            same = stored is not None and _is_same(stored, said)
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
        pk, sk, newest = _item_pk(connector, said.item), LEVEL + _digest(said.number or said.location), _Level(said)
        for attempt in range(TRIES):
            stored = self._table.get(pk, sk)
            known = None if stored is None else _read_level(said.item, stored)
            if known is not None and not newer_level(said, known.newest):
                newest, tally.older = known, tally.older + 1
                break
            newest = _Level(said, _former(said, known))
            try:
                self._table.put(_level_item(pk, sk, newest, stored), expect={"version": _version(stored) or None})
                break
            except Conflict:
                self._pause(attempt)
        else:
            raise Throttled("others keep changing the same level")
        self._settle(connector, said.item, [newest], now, tally)

    def take_gone(self, connector: str, said: ItemGone, now: datetime, tally: Settled) -> str:
        """Take the pieces of an item away that the shop deleted. How it was called; empty if that is not known, or if
        the shop sells another item that is called so."""
        pk = _item_pk(connector, said.item)
        for level in self._levels(pk, said.item):
            self.take_level(connector, replace(level.newest, quantity=0, at_ms=said.at_ms, tie_ms=0), now, tally)
        stored = self._table.get(pk, SKU)
        if stored is None or int(stored["at_ms"]) > said.at_ms or self._has_other(connector, stored["sku"], said.item):
            return ""
        return str(stored["sku"])

    def _has_other(self, connector: str, sku: str, item: str) -> bool:
        """Whether another item of a sku has pieces, or is sold without being counted."""
        for stored in self._table.query(_sku_pk(connector, sku), prefix=SHARES).items:
            shares = [_read_share(row) for key, row in stored["shares"].items() if key.partition("@")[0] != item]
            if any(one.stamp.sku == sku and (one.quantity or one.stamp.untracked) for one in shares):
                return True
        return False

    def _settle(self, connector: str, item: str, levels: Sequence[_Level], now: datetime, tally: Settled) -> None:
        """Bring the shares of an item to what is known of it. Everybody writes his word first and reads then, so a
        word that comes between is seen by whoever wrote it."""
        stored = self._table.get(_item_pk(connector, item), SKU)
        if stored is None:
            return
        sku = _read_sku(item, stored)
        for level in levels:
            names, locations = (*stored["former"], sku.sku), (*level.former, level.newest.location)
            for place in (Place(name, where) for name in names for where in locations):
                tally.counted += self._share(connector, place, level.newest, share_of(sku, level.newest, place), now)

    def _levels(self, pk: str, item: str) -> list[_Level]:
        levels: list[_Level] = []
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
            return SkuShares(place.sku, {})
        rows: Mapping[str, Any] = stored["shares"]
        return SkuShares(place.sku, {key: _read_share(row) for key, row in rows.items()}, _version(stored))

    def _share(self, connector: str, place: Place, level: ShopLevel, share: Share, now: datetime) -> bool:
        """Write what a level adds to a sku, with the pieces that follow; False if no piece changes.

        The same number again is no reason to pass it over: what was moved here since the last one may be in this one.
        """
        for attempt in range(TRIES):
            known = self._shares(connector, place)
            wanted = known.with_share(level.item, level.number, share)
            if wanted is known:
                return False
            write = Write(_shares_item(connector, place, wanted), {"version": known.version or None})
            # A number cannot be of later than when it is here: what is moved from now on is not in it.
            at_ms = min(wanted.at_ms, milliseconds(now))
            try:
                return self._stock.take_number(
                    place, wanted.number, at_ms, f"shop {connector}", now, self._rules, write
                )
            except Conflict:
                self._pause(attempt)
        raise Throttled("others keep changing the same sku")


def _shares_item(connector: str, place: Place, wanted: SkuShares) -> dict[str, Any]:
    return {
        "pk": _sku_pk(connector, place.sku),
        "sk": SHARES + _digest(place.location),
        "shares": {key: [*one.stamp, one.quantity] for key, one in wanted.shares.items()},
        "version": wanted.version + 1,
    }


def _read_share(row: Sequence[Any]) -> Share:
    """A row of before says nothing of pieces that nobody counts."""
    named, sku, *rest = row
    untracked, at_ms, tie_ms, less, quantity = [int(one) for one in ([0, *rest] if len(rest) == 4 else rest)]
    return Share(Stamp(int(named), sku, bool(untracked), at_ms, tie_ms, less), quantity)


def _former(said: ShopLevel, known: _Level | None) -> tuple[str, ...]:
    """How the location was called before, but for how it is called now."""
    names = () if known is None else (*known.former, known.newest.location)
    return tuple(one for one in dict.fromkeys(names) if one != said.location)[-MOST_FORMER:]


def _sku_item(pk: str, said: ItemSku, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """``named_ms``: since when it is called so, as far as is known; a word that says the same again changes nothing
    but how new that is."""
    same = stored is not None and _is_same(stored, said)
    before = [] if stored is None else [*stored["former"], *([] if same else [stored["sku"]])]
    return {
        "pk": pk,
        "sk": SKU,
        "sku": said.sku,
        "at_ms": said.at_ms,
        "named_ms": stored["named_ms"] if stored is not None and same else said.at_ms,
        "former": [one for one in dict.fromkeys(before) if one != said.sku][-MOST_FORMER:],
        "version": _version(stored) + 1,
        **({} if said.tracked else {"untracked": True}),
    }


def _is_same(stored: Mapping[str, Any], said: ItemSku) -> bool:
    return bool(stored["sku"] == said.sku and stored.get("untracked", False) != said.tracked)


def _level_item(pk: str, sk: str, level: _Level, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    said = level.newest
    return {
        "pk": pk,
        "sk": sk,
        "location": said.location,
        "quantity": said.quantity,
        "at_ms": said.at_ms,
        "tie_ms": said.tie_ms,
        "version": _version(stored) + 1,
        **({"number": said.number} if said.number else {}),
        **({"former": list(level.former)} if level.former else {}),
    }


def _read_sku(item: str, stored: Mapping[str, Any]) -> ItemSku:
    """With ``named_ms`` where shares are stamped: ``at_ms`` only says whether another word is newer."""
    named, tracked = int(stored["named_ms"]), not stored.get("untracked", False)
    return ItemSku(item, stored["sku"], int(stored["at_ms"]), named, tracked)


def _read_level(item: str, stored: Mapping[str, Any]) -> _Level:
    quantity, at_ms, tie_ms = (int(stored[name]) for name in ("quantity", "at_ms", "tie_ms"))
    newest = ShopLevel(item, stored["location"], quantity, at_ms, tie_ms, stored.get("number", ""))
    return _Level(newest, tuple(stored.get("former", ())))


def _version(stored: Mapping[str, Any] | None) -> int:
    return 0 if stored is None else int(stored["version"])


def _item_pk(connector: str, item: str) -> str:
    return f"shop#{connector}#{_digest(item)}"


def _sku_pk(connector: str, sku: str) -> str:
    return f"shopsku#{connector}#{_digest(sku)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
