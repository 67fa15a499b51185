"""Facts as bytes: compact JSON, stamps written once, deflated with a dictionary of the field's words.

Bytes of facts decide what every event costs afterwards: a typical shopper fits into 1 KB, one write unit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.events.json_text import read_json
from shared.domain.facts.cart import CartFacts, CartLine
from shared.domain.facts.cases import CaseFacts
from shared.domain.facts.engagement_encoding import decode_engagement, encode_engagement
from shared.domain.facts.facts import Facts, values_kept
from shared.domain.facts.newest import Newest
from shared.domain.facts.orders import OrderFacts
from shared.domain.facts.seen import Seen
from shared.domain.facts.stamps import Stamps, read_newest, write_mark, write_newest
from shared.domain.facts.use_encoding import decode_activity, decode_use, encode_activity, encode_use

FORMAT = b"\x01"
_LEVEL = 6
"""Level 9 takes twice the time and saves two bytes after 100 events, one percent after 1,000. Any level is read."""

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


def json_text(value: Any) -> bytes:
    """JSON in UTF-8 with sorted keys and no blanks; half a surrogate pair is written as if it were a character."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def encode(facts: Facts, write: Callable[[Any], bytes] = json_text) -> bytes:
    """Bytes that ``decode`` reads back to equal facts; equal facts give equal bytes by the same ``write``.

    ``write`` gives what ``json_text`` gives, except that it may write numbers in another of JSON's ways.
    """
    stamps = Stamps()
    shape: dict[str, Any] = {
        "n": facts.name,
        "t": write_newest(facts.trusted, stamps),
        "p": write_newest(facts.public, stamps),
        "o": {order: _order(facts.orders[order], stamps) for order in sorted(facts.orders)},
        "c": _cart(facts.cart, stamps),
        "w": write_newest(facts.wishlist, stamps),
        "k": write_newest(facts.tokens, stamps),
        "z": write_newest(facts.places, stamps),
        "s": {name: _seen(facts.seen[name], stamps) for name in sorted(facts.seen)},
        "a": encode_activity(facts.activity),
        "v": write_newest(facts.viewed, stamps),
        "b": write_newest(facts.categories, stamps),
        "e": encode_engagement(facts.engagement),
        "u": encode_use(facts.used, facts.activity),
        "y": _keyed(facts.keyed, stamps),
        "x": _cases(facts.cases, stamps),
        "h": write_newest(facts.alerts, stamps),
        "i": [[order, stamps.place(entry[:2]), entry[2]] for order, entry in sorted(facts.reported.items())],
    }
    kept = {name: part for name, part in shape.items() if part} | {"S": stamps.written()}
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return FORMAT + deflate.compress(write(kept)) + deflate.flush()


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
    shape = read_json(plain.decode("utf-8", "surrogatepass"))
    stamps = Stamps(shape["S"])
    facts = Facts(name=shape.get("n", ""))
    for letter, part in (
        ("t", facts.trusted),
        ("p", facts.public),
        ("w", facts.wishlist),
        ("k", facts.tokens),
        ("z", facts.places),
        ("v", facts.viewed),
        ("b", facts.categories),
        ("h", facts.alerts),
    ):
        read_newest(part, shape.get(letter), stamps)
    facts.orders = {order: _read_order(part, stamps) for order, part in shape.get("o", {}).items()}
    facts.reported = {order: (*stamps.sure(place), said) for order, place, said in shape.get("i", ())}
    facts.cart = _read_cart(shape.get("c"), stamps)
    facts.seen = {name: _read_seen(part, stamps) for name, part in shape.get("s", {}).items()}
    facts.activity = decode_activity(shape.get("a", []))
    facts.engagement = decode_engagement(shape.get("e"))
    decode_use(facts.used, shape.get("u"), facts.activity)
    facts.keyed = _read_keyed(shape.get("y", []), stamps)
    facts.cases = _read_cases(shape.get("x"), stamps)
    return facts


def _order(order: OrderFacts, stamps: Stamps) -> list[Any]:
    fields = [
        [name, order.fields[name][0], stamps.place(order.fields[name][1:3]), order.fields[name][3]]
        for name in sorted(order.fields)
    ]
    times = [order.completed, order.cancelled, order.shipped, order.delivered]
    return [times, fields, write_newest(order.refunds, stamps)]


def _read_order(shape: list[Any], stamps: Stamps) -> OrderFacts:
    order = OrderFacts(*shape[0])
    order.fields = {name: (trusted, *stamps.sure(place), value) for name, trusted, place, value in shape[1]}
    read_newest(order.refunds, shape[2], stamps)
    return order


def _cart(cart: CartFacts, stamps: Stamps) -> list[Any]:
    if not cart:
        return []
    lines = []
    for product in sorted(cart.lines):
        line = cart.lines[product]
        adds = [[stamps.place((when, event)), count] for event, (when, count) in sorted(line.adds.items())]
        base = [stamps.place(line.base[:2]), line.base[2]] if line.base else 0
        shown = [stamps.place(line.details[:2]), line.details[2]] if line.details else 0
        lines.append([product, base, adds, shown, stamps.maybe(line.floor)])
    floor = [] if cart.floor is None else write_mark(cart.floor, stamps)
    return [lines, stamps.maybe(cart.cleared), stamps.maybe(cart.changed), *floor]


def _read_cart(shape: list[Any] | None, stamps: Stamps) -> CartFacts:
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


def _seen(seen: Seen, stamps: Stamps) -> list[Any]:
    """The first occurrence as so many milliseconds before the newest one; further layers after the first."""
    (keep, newest), *more = sorted(seen.layers.items(), reverse=True)
    rest = [[keep, *map(stamps.place, layer)] for keep, layer in more]
    return [keep, newest[0][0] - seen.first, *map(stamps.place, newest), *([rest] if rest else [])]


def _read_seen(shape: list[Any], stamps: Stamps) -> Seen:
    rest = shape.pop() if isinstance(shape[-1], list) else []
    layers = {row[0]: tuple(map(stamps.sure, row[1:])) for row in ([shape[0], *shape[2:]], *rest)}
    return Seen(layers[shape[0]][0][0] - shape[1], layers)


def _keyed(keyed: Mapping[tuple[str, str], Newest], stamps: Stamps) -> list[Any]:
    return [[*asked, write_newest(keyed[asked], stamps)] for asked in sorted(keyed)]


def _read_keyed(shape: list[Any], stamps: Stamps) -> dict[tuple[str, str], Newest]:
    found: dict[tuple[str, str], Newest] = {}
    for name, path, written in shape:
        read_newest(found.setdefault((name, path), values_kept()), written, stamps)
    return found


def _cases(cases: CaseFacts | None, stamps: Stamps) -> list[Any]:
    return [] if cases is None else [write_newest(cases.opened, stamps), write_newest(cases.closed, stamps)]


def _read_cases(shape: list[Any] | None, stamps: Stamps) -> CaseFacts | None:
    if not shape:
        return None
    cases = CaseFacts()
    read_newest(cases.opened, shape[0], stamps)
    read_newest(cases.closed, shape[1], stamps)
    return cases
