"""What is announced of a product: it is back, few are left, or it costs less; once per episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from shared.domain.facts.fold import BACK_IN_STOCK
from shared.domain.identity.keys import milliseconds
from shared.domain.products.price_history import Price, lowest_before_reduction

About = Literal["back", "low", "price"]
EVENTS: dict[About, str] = {
    "back": BACK_IN_STOCK,
    "low": "Product Low in Stock",
    "price": "Product Price Dropped",
}
"""What each person's log says."""
FIRST_MOST = 500
"""People of the first wave, however many pieces there are."""
REST_AFTER = timedelta(hours=1)
"""Who was told first has so long to buy."""
AGAIN_AFTER = timedelta(hours=24)
"""Nobody is told the same of a product twice within this time, and a price is announced once in it."""
LOW_AGAIN, PRICE_AGAIN = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Announcement:
    """The last announcement of a kind about a product.

    ``episode``: what led to it, in milliseconds: since when it was sold out, since when it costs less. ``pieces``: how
    many there were, None if the stock knows nothing of the product. ``left``: how many people the first wave may still
    tell. ``price``, ``was``: of a price that dropped.
    """

    about: About
    product: str
    episode: int
    at: datetime
    pieces: int | None
    left: int
    price: str = ""
    was: str = ""
    currency: str = ""
    version: int = 1
    last_told: str = ""
    """Whom the first wave told last, by key: his event is written before the next one is told."""


def first_wave(pieces: int | None) -> int:
    """How many people are told at once: as many as there are pieces. Nobody where pieces are not known."""
    return 0 if pieces is None else min(pieces, FIRST_MOST)


def is_back(last: Announcement | None, sold_out: int) -> bool:
    """Whether pieces are news. ``sold_out``: since when there were none (milliseconds). What was announced after that
    was about these pieces: a timer fires a minute after it was armed at the earliest."""
    return last is None or sold_out >= milliseconds(last.at)


def is_low(last: Announcement | None, now: datetime) -> bool:
    """Whether few pieces are news; a stock that goes up and down around the threshold makes none."""
    return last is None or now >= last.at + LOW_AGAIN


@dataclass(frozen=True, slots=True)
class Drop:
    """``was``: the lowest price of the 30 days before."""

    price: Price
    was: Decimal

    @property
    def episode(self) -> int:
        return milliseconds(self.price.since)


def price_drop(prices: Sequence[Price], now: datetime) -> Drop | None:
    """The reduction that holds now, by the rule of the EU: below the lowest price of the 30 days before it. A price
    that was raised first and lowered again is none."""
    lowest = lowest_before_reduction(prices, now)
    if lowest is None or prices[-1].amount >= lowest:
        return None
    return Drop(prices[-1], lowest)


def is_cheaper(last: Announcement | None, drop: Drop, now: datetime) -> bool:
    """Whether a drop is news after the last one that was announced."""
    if last is None or now >= last.at + PRICE_AGAIN or last.currency != drop.price.currency:
        return True
    return drop.price.amount < Decimal(last.price)
