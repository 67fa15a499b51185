"""A walk and two folding environments on one table, call by call in random order, with crashes after any call."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.segment import on_queue
from functions.segment.release import NewerRelease
from functions.segment.service import Segmentation
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from tests.support.backfills import BUYERS, NEW, REGULARS, Saved, Shop16
from tests.support.cases import UNIT, cases
from tests.support.interleaving import Turns, TurnTable
from tests.support.world import KEYS, batches, event

pytestmark = UNIT


@pytest.fixture(scope="module")
def handed_out() -> Saved:
    """Ten customers under an old release; everybody's shard waits to be walked towards the new one."""
    world = Shop16()
    world.publish(BUYERS, NEW)
    world.customers(10)
    world.pump()
    world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    assert len(world.messages.waiting) == 16
    return world.saved()


@cases(12, long=400)
@given(seed=st.integers(0, 2**32), crash_rate=st.sampled_from([0.0, 0.0, 0.03]))
def test_a_walk_and_events_meet(handed_out: Saved, seed: int, crash_rate: float) -> None:
    """Somebody buys while he is walked, told by an environment that knows the release and by one that does not: in the
    end everybody is what his events say under the new release, and listed so."""
    rng = random.Random(seed)
    world = Shop16().restored(handed_out)
    old, new = world.releases.get(1), world.releases.current(refresh=True)
    assert old is not None
    store = CustomerStore(TurnTable(world.tables["customers"].memory))
    walker = replace(world.environment, store=store)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)
    bought = [
        event("Order Completed", [f"user:u{number}"], id=f"n{number}", trusted=True, order_id=f"n{number}", total=5)
        for number in rng.sample(range(10), 6)
    ]
    for one in bought:
        world.tables["customers"].put(event_item(one, KEYS))
    busy = [number for number in range(16) if world.store.live_page(number, limit=1).items]

    def walks() -> None:
        for number in busy:
            record = {"messageId": f"m{number}", "body": f'{{"release": 2, "shard": {number}}}'}
            assert on_queue.respond({"Records": [record]}, context, walker) == {"batchItemFailures": []}

    def folds(events: list[Event], first: Release) -> None:
        for one in events:
            try:
                Segmentation(store, world.environment.timers, KEYS, first).fold(batches([one]), world.shop_time.at)
            except NewerRelease:
                Segmentation(store, world.environment.timers, KEYS, new).fold(batches([one]), world.shop_time.at)

    Turns(rng, crash_rate).run([walks, lambda: folds(bought[:3], old), lambda: folds(bought[3:], new)])
    world.check(2)
    assert not world.given_up()
