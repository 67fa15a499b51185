"""Facts as bytes: compact JSON, stamps written once, deflated with a dictionary of the field's words.

Bytes of facts decide what every event costs afterwards: a typical shopper fits into 1 KB, one write unit.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from shared.domain.facts.cart import CartFacts, CartLine
from shared.domain.facts.engagement_encoding import decode_engagement, encode_engagement
from shared.domain.facts.facts import Facts, Seen, Visit
from shared.domain.facts.newest import Mark, Newest, Stamp
from shared.domain.facts.orders import OrderFacts

FORMAT = b"\x01"

# Part of format 1: changing it makes stored facts unreadable. New words need a new format byte.
_WORDS = (
    b'{"n":"anonymous:device:email:phone:loyalty:user:","Europe/Istanbul","tr-TR","en-US","ios","android","desktop",'
    b'"store","mobile","server","web","first_name","last_name","firstName","lastName","birthday","gender","address","city",'
    b'"country","language","phone","email","name","image_url":"https://www.","url":"https://www.example.com/","variant":'
    b'"brand":"category":"sku":"currency":"TRY","price":".90","name":"Page Viewed","Product Viewed","Product Removed",'
    b'"Cart Viewed","Checkout Started","Order Completed","Product Added","products","coupon","channel","total","zone",'
    b'"locale","S":[[17],"o":{"c":{"w":{"k":{"s":{"a":[[4'
)


class UnknownFormat(ValueError):
    """These bytes were written by a newer release."""


def encode(facts: Facts) -> bytes:
    """Bytes that ``decode`` reads back to equal facts; equal facts give equal bytes."""
    stamps = _Stamps()
    shape: dict[str, Any] = {
        "n": facts.name,
        "t": _newest(facts.trusted, stamps),
        "p": _newest(facts.public, stamps),
        "o": {order: _order(facts.orders[order], stamps) for order in sorted(facts.orders)},
        "c": _cart(facts.cart, stamps),
        "w": _newest(facts.wishlist, stamps),
        "k": _newest(facts.tokens, stamps),
        "z": _newest(facts.places, stamps),
        "s": {name: _seen(facts.seen[name], stamps) for name in sorted(facts.seen)},
        "a": _activity(facts.activity),
        "v": _newest(facts.viewed, stamps),
        "b": _newest(facts.categories, stamps),
        "e": encode_engagement(facts.engagement),
    }
    kept = {name: part for name, part in shape.items() if part} | {"S": stamps.written()}
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    plain = text.encode("utf-8", "surrogatepass")
    return FORMAT + deflate.compress(plain) + deflate.flush()


def decode(data: bytes) -> Facts:
    """Facts from their bytes.

    Raises
    ------
    UnknownFormat
        If a newer release wrote them.
    """
    if data[:1] != FORMAT:
        raise UnknownFormat("facts in an unknown format")
    inflate = zlib.decompressobj(-15, _WORDS)
    try:
        plain = inflate.decompress(data[1:]) + inflate.flush()
    except zlib.error as broken:
        raise UnknownFormat("facts that cannot be read") from broken
    shape = json.loads(plain.decode("utf-8", "surrogatepass"))
    stamps = _Stamps(shape["S"])
    facts = Facts(name=shape.get("n", ""))
    for letter, part in (
        ("t", facts.trusted),
        ("p", facts.public),
        ("w", facts.wishlist),
        ("k", facts.tokens),
        ("z", facts.places),
        ("v", facts.viewed),
        ("b", facts.categories),
    ):
        _read_newest(part, shape.get(letter), stamps)
    facts.orders = {order: _read_order(part, stamps) for order, part in shape.get("o", {}).items()}
    facts.cart = _read_cart(shape.get("c"), stamps)
    facts.seen = {name: _read_seen(part, stamps) for name, part in shape.get("s", {}).items()}
    facts.activity = _read_activity(shape.get("a", []))
    facts.engagement = decode_engagement(shape.get("e"))
    return facts


class _Stamps:
    """Each stamp once; elsewhere its number. Times are written as differences."""

    def __init__(self, rows: list[list[Any]] | None = None) -> None:
        self._rows: list[Stamp] = []
        last = 0
        for step, event in rows or []:
            last += step
            self._rows.append((last, event))
        self._places = {stamp: place for place, stamp in enumerate(self._rows)}

    def place(self, stamp: Stamp) -> int:
        return self._places.setdefault(stamp, len(self._places))

    def maybe(self, stamp: Stamp | None) -> int:
        return -1 if stamp is None else self.place(stamp)

    def at(self, place: int) -> Stamp | None:
        return None if place < 0 else self._rows[place]

    def sure(self, place: int) -> Stamp:
        return self._rows[place]

    def written(self) -> list[list[Any]]:
        rows: list[list[Any]] = []
        last = 0
        for when, event in self._places:
            rows.append([when - last, event])
            last = when
        return rows


def _mark(mark: Mark, stamps: _Stamps) -> list[Any]:
    return [stamps.place(mark[:2]), mark[2]]


def _newest(part: Newest, stamps: _Stamps) -> list[Any]:
    if not part:
        return []
    rows = [[key, stamps.place(part.entries[key][:2]), part.entries[key][2]] for key in sorted(part.entries)]
    return [rows] if part.floor is None else [rows, *_mark(part.floor, stamps)]


def _read_newest(part: Newest, shape: list[Any] | None, stamps: _Stamps) -> None:
    if shape:
        part.entries = {key: (*stamps.sure(place), value) for key, place, value in shape[0]}
        part.floor = (*stamps.sure(shape[1]), shape[2]) if len(shape) > 1 else None


def _order(order: OrderFacts, stamps: _Stamps) -> list[Any]:
    fields = [
        [name, order.fields[name][0], stamps.place(order.fields[name][1:3]), order.fields[name][3]]
        for name in sorted(order.fields)
    ]
    times = [order.completed, order.cancelled, order.shipped, order.delivered]
    return [times, fields, _newest(order.refunds, stamps)]


def _read_order(shape: list[Any], stamps: _Stamps) -> OrderFacts:
    order = OrderFacts(*shape[0])
    order.fields = {name: (trusted, *stamps.sure(place), value) for name, trusted, place, value in shape[1]}
    _read_newest(order.refunds, shape[2], stamps)
    return order


def _cart(cart: CartFacts, stamps: _Stamps) -> list[Any]:
    if not cart:
        return []
    lines = []
    for product in sorted(cart.lines):
        line = cart.lines[product]
        adds = [[stamps.place((when, event)), count] for event, (when, count) in sorted(line.adds.items())]
        base = [stamps.place(line.base[:2]), line.base[2]] if line.base else 0
        shown = [stamps.place(line.details[:2]), line.details[2]] if line.details else 0
        lines.append([product, base, adds, shown, stamps.maybe(line.floor)])
    floor = [] if cart.floor is None else _mark(cart.floor, stamps)
    return [lines, stamps.maybe(cart.cleared), stamps.maybe(cart.changed), *floor]


def _read_cart(shape: list[Any] | None, stamps: _Stamps) -> CartFacts:
    if not shape:
        return CartFacts()
    lines: dict[str, CartLine] = {}
    for product, base, adds, shown, floor in shape[0]:
        added = {}
        for place, count in adds:
            when, event = stamps.sure(place)
            added[event] = (when, count)
        lines[product] = CartLine(
            (*stamps.sure(base[0]), base[1]) if base else None,
            added,
            stamps.at(floor),
            (*stamps.sure(shown[0]), shown[1]) if shown else None,
        )
    floor = (*stamps.sure(shape[3]), shape[4]) if len(shape) > 3 else None
    return CartFacts(lines, cleared=stamps.at(shape[1]), floor=floor, changed=stamps.at(shape[2]))


def _activity(visits: tuple[Visit, ...]) -> list[Any]:
    """Hours per channel and device kind, written as differences: most lie a few hours apart."""
    groups: dict[tuple[str, str], list[int]] = {}
    for hour, channel, kind in sorted(visits):
        groups.setdefault((channel, kind), []).append(hour)
    return [[*group, *_differences(hours)] for group, hours in sorted(groups.items())]


def _read_activity(shape: list[list[Any]]) -> tuple[Visit, ...]:
    visits: list[Visit] = []
    for channel, kind, *steps in shape:
        hour = 0
        for step in steps:
            hour += step
            visits.append((hour, channel, kind))
    return tuple(sorted(visits, reverse=True))


def _differences(rising: list[int]) -> list[int]:
    return [after - before for before, after in zip([0, *rising], rising, strict=False)]


def _seen(seen: Seen, stamps: _Stamps) -> list[Any]:
    """The first occurrence as so many milliseconds before the newest one."""
    return [seen.keep, seen.newest[0][0] - seen.first, *(stamps.place(stamp) for stamp in seen.newest)]


def _read_seen(shape: list[Any], stamps: _Stamps) -> Seen:
    newest = tuple(stamps.sure(place) for place in shape[2:])
    return Seen(shape[0], newest[0][0] - shape[1], newest)
