"""What is bought together: of every product the companions that orders put beside it, counted in bounded room.

Counts rank and do nothing else. They never say more than was: where many different companions come by, the rarest are
forgotten (Misra and Gries, "Finding repeated elements", 1982), so a count may lack at most one in 51 of all that were
counted, and what is really bought together stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from shared.domain.facts import values

MAX_COMPANIONS = 50
"""Companions kept per product: an item of about 1 KB."""
MAX_PRODUCTS = 10
"""Products counted of one order: each costs a read and a write. More in one basket are seldom one taste."""
LEAST = 2
"""Orders from which on a companion is recommended: one basket is chance, and somebody's own business."""
RECOMMENDED = 3
"""Products in a message."""


class Companions(Struct, frozen=True):
    """One product: how often others were bought with it, and how it was shown in the newest order."""

    product: str
    counts: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)


def bought_in(properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The different products of an order, in its order, with what messages show of them; the first ten count."""
    found: dict[str, dict[str, Any]] = {}
    for product in values.products(properties):
        name = values.product_id(product)
        if name and name not in found and len(found) < MAX_PRODUCTS:
            found[name] = values.details(product, properties.get("currency"))
    return found


def counted(
    before: Companions, others: Iterable[str], shown: Mapping[str, Any], room: int = MAX_COMPANIONS
) -> Companions:
    """With one more order that held these other products; a companion beyond the room takes one from each."""
    counts = dict(before.counts)
    for other in others:
        if other in counts or len(counts) < room:
            counts[other] = counts.get(other, 0) + 1
        else:
            counts = {name: count - 1 for name, count in counts.items() if count > 1}
    return Companions(before.product, counts, shown if shown.get("name") else before.shown)


def ranked(bought: Iterable[Companions], without: Collection[str]) -> tuple[str, ...]:
    """What to recommend beside these products, the best first: most often bought with them, ``LEAST`` times at the
    least, and nothing of ``without``."""
    sums: Counter[str] = Counter()
    for companions in bought:
        sums.update(companions.counts)
    wanted = [(count, name) for name, count in sums.items() if count >= LEAST and name not in without]
    return tuple(name for count, name in sorted(wanted, key=lambda pair: (-pair[0], pair[1])))
