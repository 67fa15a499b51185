"""Interest in a product, as the facts of one identifier show it: asked to be told, cart, wishlist, views."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from shared.domain.facts.facts import Facts
from shared.domain.facts.values import id_of
from shared.domain.identity.keys import milliseconds

Kind = Literal["asked", "cart", "wishlist", "viewed"]
KINDS: tuple[Kind, ...] = ("asked", "cart", "wishlist", "viewed")
"""Who is told first."""
LASTS: dict[Kind, timedelta] = {
    "asked": timedelta(days=365),
    "cart": timedelta(days=90),
    "wishlist": timedelta(days=365),
    "viewed": timedelta(days=30),
}
"""How long an interest counts."""
_WEEK, _MONTH = timedelta(days=7) // timedelta(milliseconds=1), timedelta(days=30) // timedelta(milliseconds=1)
COARSE: dict[Kind, int] = {"asked": _MONTH, "cart": _MONTH, "wishlist": _MONTH, "viewed": _WEEK}
"""Milliseconds: an interest that is shown again within the same span is not written again."""


class Interest(Struct, frozen=True):
    """``product`` is the id that the event used; ``sku`` the variant, where it named another id for it. ``since`` in
    milliseconds: the newest event that shows the interest."""

    kind: Kind
    product: str
    since: int
    sku: str = ""

    @property
    def span(self) -> int:
        """The number of the span that it was shown in."""
        return self.since // COARSE[self.kind]

    @property
    def ordered_by(self) -> int:
        """Milliseconds: of two interests of one kind the smaller is told first. Views are only known by the week."""
        return self.span * COARSE[self.kind] if self.kind == "viewed" else self.since

    @property
    def expires(self) -> int:
        """Milliseconds: when no event of its span counts any more."""
        return (self.span + 1) * COARSE[self.kind] + LASTS[self.kind] // timedelta(milliseconds=1)


def interests_of(facts: Facts) -> Iterator[Interest]:
    """All interests of the facts, whether they still count or not."""
    for product, (when, _, said) in facts.alerts.entries.items():
        if said is not None:
            yield Interest("asked", product, when)
    for product, line in facts.cart.lines.items():
        newest = line.newest
        if newest is not None and line.quantity > 0:
            yield Interest("cart", product, newest[0], _variant(product, line.details[2] if line.details else None))
    for product, (when, _, shown) in facts.wishlist.entries.items():
        if shown is not None:
            yield Interest("wishlist", product, when, _variant(product, shown))
    for product, (when, _, _said) in facts.viewed.entries.items():
        yield Interest("viewed", product, when)


def new_interests(before: Facts | None, after: Facts, now: datetime) -> list[Interest]:
    """What ``after`` shows and ``before`` did not, spans being the same; without what counts no more."""
    if before is not None and _same(before, after):
        return []
    known = set() if before is None else {_mark(one) for one in interests_of(before)}
    at = milliseconds(now)
    return [one for one in interests_of(after) if _mark(one) not in known and one.expires > at]


def _same(one: Facts, other: Facts) -> bool:
    """Most events are about no product: then nothing is compared one by one."""
    return (
        one.viewed == other.viewed
        and one.cart == other.cart
        and one.wishlist == other.wishlist
        and one.alerts == other.alerts
    )


def _mark(one: Interest) -> tuple[str, str, str, int]:
    return one.kind, one.product, one.sku, one.span


def _variant(product: str, details: object) -> str:
    sku = id_of(details.get("sku")) if isinstance(details, dict) else ""
    return "" if sku == product else sku
