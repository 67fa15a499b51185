"""The same events, in whatever order, grouping and number of deliveries, make the same customers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.events.event import Event
from shared.domain.identity.keys import FACTS, NAMES
from shared.domain.profile.search_terms import beginnings, name_words, names_said, order_number
from shared.ports import Conflict
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.search_index import NAME, ORDER, PARTITION
from tests.support.cases import LONG, UNIT, cases
from tests.support.interleaving import Turns, TurnTable
from tests.support.world import KEYS, NOW, World, batches, event, snapshot
from tests.unit.segment.people import histories

pytestmark = UNIT


def in_order(events: Sequence[Event]) -> World:
    world = World()
    for one in sorted(events, key=lambda one: (one.time, one.message_id)):
        world.send(one)
    return world


def check_same(memory: MemoryTable, expected: dict[str, Any]) -> None:
    """The same customers; and search finds each by every name and order that is known of it."""
    assert without_index(snapshot(memory)) == without_index(expected)
    stored = {(item["pk"], item["sk"]) for item in memory.items()}
    index = {(pk, sk.rpartition("#")[2]) for pk, sk in stored if pk.startswith(PARTITION)}
    for home in {pk for pk, sk in stored if sk == FACTS}:
        held = CustomerStore(memory).control(home).facts
        assert held is not None
        words = name_words({name: text for name, (_, text) in names_said(held.facts).items()})
        digests = {KEYS.search_term(NAME, one) for one in beginnings(words)}
        digests |= {KEYS.search_term(ORDER, order_number(one)) for one in held.facts.orders}
        assert {(PARTITION + digest, home) for digest in digests} <= index
    # Names that did not come to be known may stay: each is listed, so that an erasure takes it away.
    lists = {item["pk"]: item["places"] for item in memory.items() if item["sk"] == NAMES}
    listed = {(pk, f"{at}#{home}") for home, places in lists.items() for at, pks in places.items() for pk in pks}
    assert {(pk, sk) for pk, sk in stored if pk.startswith(PARTITION) and "#" in sk} == listed


def without_index(customers: dict[str, Any]) -> dict[str, Any]:
    return {pk: known for pk, known in customers.items() if not pk.startswith(PARTITION)}


@cases(20, 10_000)
@given(histories(14 if LONG else 10), st.randoms(use_true_random=False))
def test_any_order_batches_and_duplicates_converge(events: list[Event], rng: random.Random) -> None:
    """Every delivery of a history gives the same facts, claims, trees and memberships as sending it once in order."""
    expected = snapshot(in_order(events).memory)
    world = World()
    deliveries = [*events, *rng.choices(events, k=len(events))]
    rng.shuffle(deliveries)
    world.store_only(events)
    while deliveries:
        size = rng.randint(1, 5)
        world.segmentation.fold(batches(deliveries[:size]), world.now)
        deliveries = deliveries[size:]
    check_same(world.memory, expected)


AT_ONCE = NOW - timedelta(days=120)
LINKED_TWICE = [
    event("identify", ["user:u0", "email:m0@example.com"], at=AT_ONCE + timedelta(days=29), id="0", trusted=True),
    event("identify", ["user:u0", "email:m0@example.com"], at=AT_ONCE, id="1", trusted=True),
    event("Product Removed", ["email:m0@example.com"], at=AT_ONCE, id="0", product_id="shirt"),
]
"""Two consumers write the same hint with different times; the earlier one is right."""

LISTED_AND_GONE = [
    event("identify", ["user:u0", "anonymous:a0"], at=AT_ONCE, id="0", trusted=True, traits={"name": "Ayşe"}),
    event("Product Removed", ["user:u0"], at=AT_ONCE, id="1", product_id="shirt"),
    event("Order Completed", ["anonymous:a0"], at=AT_ONCE, id="0", order_id="o1", total=0),
]
"""One consumer listed the browser in a segment and died; the other gave it an owner before it was ever a customer."""


@cases(20, 10_000)
@given(histories(8 if LONG else 6), st.integers(0, 2**32), st.sampled_from([0.0, 0.01, 0.03]))
@example(LISTED_AND_GONE, 733537301, 0.01)
@example(LINKED_TWICE, 1857, 0.0)
def test_two_consumers_and_crashes_converge(events: list[Event], seed: int, crash_rate: float) -> None:
    """Two concurrent consumers that may die after any call, and are given their batch again, change nothing."""
    expected = snapshot(in_order(events).memory)
    rng = random.Random(seed)
    memory = MemoryTable(indexes=INDEXES["customers"])
    world = World(TurnTable(memory))
    for one in events:
        memory.put(event_item(one, KEYS))
    split = rng.randint(0, len(events))
    parts = [events[:split], [*events[split:], *rng.choices(events, k=2)]]

    def job(part: list[Event]) -> Callable[[], None]:
        groups = [part[start : start + 3] for start in range(0, len(part), 3)]

        def consume() -> None:
            while groups:
                try:
                    world.segmentation.fold(batches(groups[0]), world.now)
                except Conflict:
                    continue
                groups.pop(0)

        return consume

    Turns(rng, crash_rate).run([job(part) for part in parts])
    check_same(memory, expected)
