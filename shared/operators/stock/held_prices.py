"""Prices that may be slips: which wait, and what somebody says of one (docs/stock.md#a-price-that-may-be-a-slip)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from shared.domain.identity.keys import time_text
from shared.domain.interests.held_price import Said
from shared.http.answers import Problem, not_found
from shared.operators.stock.watch import arming, looks_at
from shared.ports import Clock
from shared.stores.held_prices import HeldPrices
from shared.stores.products import Products
from shared.stores.timers import Timers


class PriceDesk(Protocol):
    """What is needed of an environment."""

    @property
    def clock(self) -> Clock: ...
    @property
    def products(self) -> Products: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def held(self) -> HeldPrices: ...


def waiting(desk: PriceDesk) -> list[dict[str, Any]]:
    """Those of which nobody said anything yet, the newest first. Two requests, one if there are none,
    and one more for each thousand that were held within 30 days."""
    now = desk.clock.now()
    held = desk.held.waiting(now)
    known = desk.products.read(one.product for one in held)
    found = []
    for one in sorted(held, key=lambda one: one.since, reverse=True):
        stored = known.get(one.product)
        if stored is None or not stored.prices or stored.prices[-1].since != one.since:
            continue  # it costs something else by now
        found.append(
            {
                "product": one.product,
                "name": stored.product.name,
                "price": str(one.price),
                "was": str(one.was),
                "currency": one.currency,
                "fell_by": int(one.percent),
                "since": time_text(one.since),
                "until": time_text(one.until),
                "episode": one.episode,
            }
        )
    return found


def decide(desk: PriceDesk, product: str, episode: int, said: Said) -> None:
    """Say that a price is ``right``, so that people are told within two minutes, or a ``slip``, so that nobody is.

    Raises
    ------
    Problem
        404 if no such price waits; 409 if somebody else said the other.
    """
    held = desk.held.read(product)
    if held is None or held.episode != episode:
        raise not_found("this price does not wait any more")
    if held.said not in ("", said):
        raise Problem(409, "decided", "somebody decided it otherwise")
    if said == "right":
        _look_again(desk, product, episode, desk.clock.now())  # before it is noted: a crash between them loses nothing
    if not held.said:
        desk.held.put(replace(held, said=said), held)


def _look_again(desk: PriceDesk, product: str, episode: int, now: datetime) -> None:
    desk.timers.arm_many([arming("price", product, episode, looks_at(now))])
