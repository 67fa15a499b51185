"""A price that fell so far that it may be a slip of the shop: nobody is told before somebody says that it is right, or
before it has stayed for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from shared.domain.interests.announcement import Drop
from shared.domain.products.price_history import Price

STAYS = timedelta(hours=24)
"""A price that was not mended for so long is meant."""
Said = Literal["", "right", "slip"]


@dataclass(frozen=True, slots=True)
class HeldPrice:
    """``episode`` and ``since``: since when the product costs that. ``said``: what somebody said of it."""

    product: str
    episode: int
    since: datetime
    price: Decimal
    was: Decimal
    currency: str
    said: Said = ""
    version: int = 1

    @property
    def until(self) -> datetime:
        """When people are told, if nobody says anything and the price stays."""
        return self.since + STAYS

    @property
    def percent(self) -> Decimal:
        """How far it fell."""
        return fell_by(self.was, self.price)


def fell_by(was: Decimal, price: Decimal) -> Decimal:
    """By how much of a hundred a price fell."""
    return (was - price) * 100 / was if was else Decimal()


def held_by(product: str, drop: Drop, before: Decimal) -> HeldPrice:
    """The drop, held. ``before``: what it fell from."""
    return HeldPrice(product, drop.episode, drop.price.since, drop.price.amount, before, drop.price.currency)


def fell_from(drop: Drop, prices: Sequence[Price], known: HeldPrice | None) -> Decimal:
    """What a price fell from: the price before it, or the lowest of 30 days where that was higher. After a slip it is
    what the product cost before the slip: two slips in a row are no small drop."""
    found = [drop.was, *(one.amount for one in prices[-2:-1])]
    if known is not None and known.said == "slip" and known.currency == drop.price.currency:
        found.append(known.was)
    return max(found)


def waits(drop: Drop, before: Decimal, known: HeldPrice | None, most: int, now: datetime) -> bool:
    """Whether people must not be told of a drop now. ``most``: of a hundred; a larger drop may be a slip."""
    said = known.said if known is not None and known.episode == drop.episode else ""
    if said == "slip":
        return True
    if said == "right" or fell_by(before, drop.price.amount) <= most:
        return False
    return now < drop.price.since + STAYS
