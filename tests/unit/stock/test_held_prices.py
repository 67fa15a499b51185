"""A price that may be a slip is told to nobody before somebody says that it is right, or before it stayed for a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.definitions.shop import Shop
from shared.domain.interests.announcement import Drop
from shared.domain.interests.held_price import Said, held_by, waits
from shared.domain.products.price_history import Price
from shared.http.answers import Problem
from shared.operators.stock.held_prices import decide, waiting
from shared.ports import Clock
from shared.stores.held_prices import HeldPrices
from shared.stores.products import Products
from shared.stores.shop_answers import UNKNOWN_FALL
from shared.stores.timers import Timers
from tests.support.world import NOW, event
from tests.unit.stock.telling_world import TellingWorld

pytestmark = pytest.mark.unit
DAY = timedelta(days=1)


@dataclass
class Desk:
    """What the console has."""

    clock: Clock
    products: Products
    timers: Timers
    held: HeldPrices


def fell(to: str) -> tuple[TellingWorld, Desk]:
    """A product of 1,999.00 for forty days, somebody who wants it, and another price since now."""
    world = TellingWorld()
    world.price("p", "1999.00")
    world.minute(40 * DAY)
    who = event("Product Added to Wishlist", ["user:a"], at=world.clock.now(), product_id="p", trusted=True)
    world.send(who)
    world.price("p", to)
    world.minute()
    world.work()
    desk = Desk(world.clock, Products(world.products), Timers(world.timers), HeldPrices(world.table))
    return world, desk


def told(world: TellingWorld) -> list[str]:
    world.work()
    return world.names("price")


def say(desk: Desk, said: Said) -> None:
    [held] = waiting(desk)
    decide(desk, "p", held["episode"], said)


def test_a_slip_is_told_to_nobody_and_shown_with_its_evidence() -> None:
    """19.99 in place of 1,999: mended within the day nobody heard of it, and it waits no more."""
    world, desk = fell("19.99")
    assert told(world) == []
    [held] = waiting(desk)
    assert (held["product"], held["price"], held["was"], held["fell_by"]) == ("p", "19.99", "1999.00", 99)
    world.price("p", "1999.00")
    assert waiting(desk) == []
    world.minute(2 * DAY)
    assert told(world) == []


def test_an_ordinary_drop_is_told_at_once() -> None:
    """Down to seventy of a hundred by itself; a little more waits."""
    assert told(fell("599.70")[0]) == ["user:a"]
    assert told(fell("599.69")[0]) == []
    assert Shop(name="x").hold_price_drops == UNKNOWN_FALL == 70


def test_what_stays_for_a_day_is_meant() -> None:
    world, desk = fell("19.99")
    world.minute(DAY - timedelta(minutes=10))
    assert told(world) == []
    world.minute(timedelta(minutes=12))
    assert told(world) == ["user:a"]
    assert waiting(desk) == []


def test_the_day_ends_with_its_last_moment() -> None:
    """At ``until``, which Today shows, people are told."""
    drop = Drop(Price(NOW, Decimal("19.99"), "TRY"), was=Decimal(1_999))
    until = held_by("p", drop, drop.was).until
    assert waits(drop, drop.was, None, 70, until - timedelta(microseconds=1))
    assert not waits(drop, drop.was, None, 70, until)


def test_somebody_says_that_it_is_right() -> None:
    """Once or twice: people are told within two minutes, once, and not again at the end of the day."""
    world, desk = fell("19.99")
    [held] = waiting(desk)
    for _ in range(2):
        decide(desk, "p", held["episode"], "right")
    assert waiting(desk) == []
    world.minute()
    assert told(world) == ["user:a"]
    with pytest.raises(Problem):
        decide(desk, "p", held["episode"], "slip")
    world.minute(2 * DAY)
    assert [len(one) for one in world.told("price").values()] == [1]


def test_a_slip_stays_one_while_it_costs_that() -> None:
    """Also after a day. Another price is another case."""
    world, desk = fell("19.99")
    say(desk, "slip")
    world.minute(2 * DAY)
    assert (told(world), waiting(desk)) == ([], [])
    world.price("p", "18.00")
    world.minute()
    [held] = waiting(desk)
    assert (held["price"], held["fell_by"]) == ("18.00", 99)
    world.price("p", "1999.00")
    world.minute()
    world.price("p", "17.00")
    world.minute()
    assert told(world) == []
    [held] = waiting(desk)
    with pytest.raises(Problem):
        decide(desk, "p", held["episode"] - 1, "right")
    with pytest.raises(Problem):
        decide(desk, "unknown", 1, "right")


def test_prices_that_are_over_hide_none_that_waits() -> None:
    """A feed with a wrong currency holds a catalogue at once; what was decided of it lies there for 30 days."""
    _, desk = fell("19.99")
    [waits] = desk.held.waiting(desk.clock.now())
    for number in range(1_100):
        desk.held.put(replace(waits, product=f"a-{number}", said="slip"), None)
        desk.held.put(replace(waits, product=f"b-{number}", since=waits.since - DAY), None)
    assert [one["product"] for one in waiting(desk)] == ["p"]
