"""What a timer finds a minute after a change: is it news, and if so, for how many people at once?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from functions.stock.telling_task import Task
from shared.domain.interests.announcement import (
    AGAIN_AFTER,
    REST_AFTER,
    About,
    Announcement,
    Drop,
    first_wave,
    is_back,
    is_cheaper,
    is_low,
    price_drop,
)
from shared.domain.interests.held_price import fell_from, held_by, waits
from shared.domain.products.price_history import Price
from shared.domain.products.product import SOLD
from shared.domain.stock.crossing import promisable
from shared.operators.stock.watch import arming
from shared.ports import Queue
from shared.stores.announcements import Announcements
from shared.stores.held_prices import HeldPrices
from shared.stores.interests import SHARDS
from shared.stores.locations import Locations
from shared.stores.products import Products
from shared.stores.stock import StockStore
from shared.stores.timers import Timers

ABOUT: tuple[About, ...] = ("back", "low", "price")
REST = "rest-"
REFS = frozenset({*ABOUT, *(REST + about for about in ABOUT)})
"""The timers that lead here."""


class Announcing:
    """Everything in it may be repeated: an announcement is written once per episode, and its people are told once."""

    def __init__(
        self,
        *,
        stock: StockStore,
        products: Products,
        locations: Locations,
        announcements: Announcements,
        timers: Timers,
        queue: Queue,
        held: HeldPrices,
        most_fall: Callable[[], int],
    ) -> None:
        """``most_fall``: a price that fell by more of a hundred may be a slip."""
        self._stock, self._products, self._locations = stock, products, locations
        self._announcements, self._timers, self._queue = announcements, timers, queue
        self._held, self._most_fall = held, most_fall

    def fire(self, ref: str, step: str, now: datetime) -> bool:
        """Act on a timer of REFS; False if there is nothing to announce.

        Raises
        ------
        Conflict
            If another one announces the same product. Come again.
        """
        episode, _, product = step.partition(":")
        about: About = next(one for one in ABOUT if ref.removeprefix(REST) == one)
        if ref.startswith(REST):
            return self._rest(about, product, int(episode))
        pieces = self.pieces(product)
        last = self._announcements.read(about, product)
        found = Announcement(about, product, int(episode), now, pieces, first_wave(pieces))
        if about == "price":
            made = self._cheaper(found, last, now)
        elif last is not None and last.episode == found.episode:
            made = last  # a crash came between it and its people
        else:
            is_news = is_back(last, found.episode) if about == "back" else is_low(last, now)
            made = found if pieces and is_news else None
        if made is None:
            return False
        if made is not last:
            rest = arming(about, product, made.episode, now + REST_AFTER, REST)
            self._timers.arm_many([rest])
            self._announcements.put(made, last)
        self._hand_on(made)
        return True

    def pieces(self, product: str) -> int | None:
        return pieces_of(product, self._stock, self._locations)

    def _cheaper(self, found: Announcement, last: Announcement | None, now: datetime) -> Announcement | None:
        """The announcement of a price. One that comes within a day of the last waits for the end of that day."""
        known = self._products.read([found.product]).get(found.product)
        drop = price_drop(known.prices, now) if known is not None else None
        if known is None or drop is None:
            return None
        if last is not None and last.episode == drop.episode:
            return last
        sold = known.product.availability in SOLD if found.pieces is None else found.pieces > 0
        if not sold or not is_cheaper(last, drop, now):
            return None
        if self._may_be_a_slip(found.product, drop, known.prices, now):
            return None
        if last is not None and now < last.at + AGAIN_AFTER:
            self._timers.arm_many([arming("price", found.product, drop.episode, last.at + AGAIN_AFTER)])
            return None
        amount = drop.price
        return replace(
            found, episode=drop.episode, price=str(amount.amount), was=str(drop.was), currency=amount.currency
        )

    def _may_be_a_slip(self, product: str, drop: Drop, prices: Sequence[Price], now: datetime) -> bool:
        """Whether a drop waits for somebody's word, or for the end of its day. Armed before it is noted."""
        before = self._held.read(product)
        fell = fell_from(drop, prices, before)
        if not waits(drop, fell, before, self._most_fall(), now):
            return False
        if before is None or before.episode != drop.episode:
            held = held_by(product, drop, fell)
            self._timers.arm_many([arming("price", product, drop.episode, held.until)])
            self._held.put(held, before)
        return True

    def _hand_on(self, made: Announcement) -> None:
        """To the workers. Where nobody counts the pieces, all people are told in one wave."""
        if made.pieces is None:
            self._hand_rest(made)
        else:
            self._queue.send_many([Task(made.about, made.product, made.episode).body()])

    def _rest(self, about: About, product: str, episode: int) -> bool:
        made = self._announcements.read(about, product)
        if made is None or made.episode != episode or made.pieces is None or not self.pieces(product):
            return False
        self._hand_rest(made)
        return True

    def _hand_rest(self, made: Announcement) -> None:
        tasks = [Task(made.about, made.product, made.episode, shard) for shard in range(SHARDS)]
        self._queue.send_many([task.body() for task in tasks])


def pieces_of(product: str, stock: StockStore, locations: Locations) -> int | None:
    """What may be promised of a product at all locations; None if its stock is not known."""
    stored = stock.levels(product)
    if not stored:
        return None
    return sum(promisable(level.level, locations.rules(level.place.location)) for level in stored)
