"""A dry run keeps facts as they are; what it decides is what it decides when they are written and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.deployment import ready_definitions
from benchmarks.shopper import START, Shopper
from shared.adapters.memory import MemoryTable
from shared.domain.events.read_message import read_message
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.facts_cache import FactsCache
from simulation import world as worlds
from simulation.dry_run import DryRun, dry_run
from simulation.facts_in_memory import FactsInMemory
from simulation.stories import FILE, Story, agreement
from simulation.world import World
from tests.support.world import KEYS, NOW, event

pytestmark = pytest.mark.unit

HOME = KEYS(event("x", ["user:42"]).owner)


def played(seed: int) -> DryRun:
    """Three shoppers with a browser each, and all ready journeys."""
    release = replace(ready_definitions(), segments=ready_definitions().segments[:4])
    world, story = World(release, datetime(2000, 1, 1, tzinfo=UTC)), Story()
    for number in range(3):
        shopper = Shopper(seed=seed + number, user=f"u-{number}", start=START + timedelta(hours=number))
        for message in shopper.messages(60):
            at = datetime.fromisoformat(message["timestamp"])
            story.tell(read_message(message, FILE, at), world.keys)
    story.sort()
    since, until = story.happenings[0].at, story.happenings[-1].at + timedelta(days=10)
    return dry_run(release, story, world, since=since, until=until, agreed=agreement(story.names, since))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (20, 300))])
def test_a_dry_run_decides_the_same_with_facts_that_are_written_and_read(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message, enrollment and reason."""
    in_memory = played(seed)
    monkeypatch.setattr(worlds, "FactsInMemory", FactsCache)
    assert played(seed) == in_memory
    assert in_memory.messages


def test_orders_that_are_kept_apart_are_written_when_they_change() -> None:
    """Beyond a hundred orders they have items of their own, which are written only if they differ."""
    store = CustomerStore(MemoryTable(), FactsInMemory())
    said = [
        event(
            "Order Completed",
            ["user:42"],
            at=NOW - timedelta(days=number),
            trusted=True,
            order_id=f"o{number}",
            total="10",
        )
        for number in range(150)
    ]
    facts = Facts()
    for version, part in enumerate((said[:140], said[140:])):
        facts = fold(facts, part, features())
        held = store.control(HOME).facts
        wanted = StoredFacts(facts, version + 1, 1, buckets=held.buckets if held else {})
        store.put_facts(HOME, wanted, previous=version)
        found = store.control(HOME).facts
        assert found is not None
        assert found.facts == facts
    assert len(facts.orders) == 150
