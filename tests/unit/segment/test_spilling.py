"""Somebody with hundreds of orders: counts stay exact, and an order costs one small write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, cast

import pytest
from msgspec import structs

from shared.adapters.memory import MemoryTable
from shared.domain.identity.identifiers import parse_identifier
from shared.ports import Conflict, Page, Table
from shared.stores.customers import CustomerStore
from tests.support.world import KEYS, World, event, later, snapshot

pytestmark = pytest.mark.unit


def buy(world: World, first: int, last: int) -> None:
    world.send(
        *(
            event("Order Completed", ["user:w"], at=later(days=-400 + n), order_id=f"order-{n}", total=10)
            for n in range(first, last)
        )
    )


def test_counts_and_sums_stay_exact_beyond_a_hundred() -> None:
    """Orders that spilled into further items still count, one by one, and refunds find theirs."""
    world = World()
    buy(world, 0, 90)
    buy(world, 90, 330)
    world.send(event("Order Refunded", ["user:w"], order_id="order-7", total=4))
    orders = world.tree("user:w").profile().orders
    assert len(orders) == 330
    assert sum((one.total - one.refunded for one in orders), Decimal(0)) == Decimal(3296)


def test_one_more_order_writes_one_bucket() -> None:
    """Beyond a hundred, a further order rewrites its own bucket, ``facts`` and ``customer``; not all orders."""
    world = World()
    buy(world, 0, 300)
    sizes = [len(item["data"]) for item in world.memory.items() if item["sk"].startswith("facts#")]
    assert len(sizes) == 8
    assert max(sizes) < 4_000
    world.memory.usage.reset()
    buy(world, 300, 301)
    assert (
        world.memory.usage.by_operation["put"] == 5
    )  # the event, its bucket, facts, customer, since when in a listing


def test_grouping_does_not_matter() -> None:
    """One batch of 250 orders and many small ones leave the same facts; no bucket of a smaller time is left."""
    one, many = World(), World()
    buy(one, 0, 250)
    for start in range(0, 250, 25):
        buy(many, start, start + 25)
    left, right = snapshot(one.memory), snapshot(many.memory)
    pk = KEYS(parse_identifier("user:w"))
    assert left[pk]["facts"] == right[pk]["facts"]
    assert names(one.memory) == names(many.memory)


def test_reports_of_orders_move_with_the_orders() -> None:
    """A page reports, a parcel confirms: in whatever order and batches, the same items, and every order counts once."""
    events = []
    for n in range(150):
        at = later(days=-400 + n)
        events.append(event("Order Completed", ["user:w"], at=at, order_id=f"#{n}", total=10))
        events.append(event("Order Shipped", ["user:w"], at=at, trusted=True, order_id=f"#{n}"))
    shuffled = list(events)
    Random(1).shuffle(shuffled)
    worlds = []
    for told, size in ((events, 300), (events, 20), (shuffled, 40)):
        world = World()
        world.rules = replace(world.rules, features=structs.replace(world.rules.features, orders_from="trusted"))
        for start in range(0, len(told), size):
            world.send(*told[start : start + size])
        worlds.append(world)
    orders = worlds[0].tree("user:w").profile().orders
    assert (len(orders), sum(one.total for one in orders)) == (150, 1_500)
    first, *others = (
        {item["sk"]: item["data"] for item in world.memory.items() if item["sk"].startswith("facts")}
        for world in worlds
    )
    assert len(first) > 2
    assert others == [first, first]


class TwoAtATime:
    """A table whose pages hold two items, and where something happens once, between two pages."""

    def __init__(self, table: MemoryTable, between: Callable[[], None]) -> None:
        self._table, self._between = table, between
        self.pages = 0

    def query(self, pk: str, **asked: Any) -> Page:
        self.pages += 1
        if self.pages % 30 == 2:
            self._between()
        return self._table.query(pk, **{**asked, "limit": 2})


def test_a_reader_sees_all_orders_while_they_are_split_anew() -> None:
    """The facts that were read name four items; another consumer needs eight, and deletes the four."""
    world = World()
    buy(world, 0, 190)
    assert len(names(world.memory)) == 1 + 4
    key = KEYS(parse_identifier("user:w"))
    table = TwoAtATime(world.memory, lambda: buy(world, 190, 260))
    read = CustomerStore(cast("Table", table)).control(key).facts
    assert read is not None
    assert len(read.facts.orders) == 260
    assert len(names(world.memory)) == 1 + 8


def test_who_never_sees_all_orders_at_once_says_so() -> None:
    """An item is missing in each read: nobody decides by a part of the orders."""
    world = World()
    buy(world, 0, 190)
    key = KEYS(parse_identifier("user:w"))
    world.memory.delete(key, names(world.memory)[-1])
    with pytest.raises(Conflict):
        CustomerStore(world.memory).control(key)


def test_an_item_that_another_writer_still_deletes_is_written_again() -> None:
    """One consumer has split into more items and has yet to delete the former ones. Another one needs these again:
    what the first one deletes then has another version."""
    world = World()
    buy(world, 0, 190)
    store, key = CustomerStore(world.memory), KEYS(parse_identifier("user:w"))
    four = store.control(key).facts
    assert four is not None
    left = {item["sk"]: item for item in world.memory.items() if item["sk"] in four.buckets}
    buy(world, 190, 260)
    for item in left.values():
        world.memory.put(item)
    eight = store.control(key).facts
    assert eight is not None
    wanted = structs.replace(eight, facts=four.facts, version=eight.version + 1)
    store.put_facts(key, wanted, previous=eight.version)
    for name, item in left.items():
        with suppress(Conflict):
            world.memory.delete(key, name, expect={"version": item["version"]})
    read = store.control(key).facts
    assert read is not None
    assert len(read.facts.orders) == 190


def names(memory: MemoryTable) -> list[str]:
    return [item["sk"] for item in memory.items() if item["sk"].startswith("facts")]
