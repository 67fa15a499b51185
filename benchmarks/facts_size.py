"""How large the facts of one identifier become: every event afterwards pays for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.deployment import Deployment
from benchmarks.rows import Row
from benchmarks.shopper import Message, Shopper
from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.stores.event_items import read_event

PART = "facts"
TARGETS = {10: 1_024, 100: 2_048, 1_000: 6_144}


def rows(people: int = 5) -> Iterator[Row]:
    for events, target in TARGETS.items():
        found = [facts_after(events, seed) for seed in range(people)]
        sizes = sorted(len(encode(facts)) for facts in found)
        orders, lines = len(found[0].orders), len(found[0].cart.lines)
        note = f"largest of {people} people {sizes[-1]} B; the first has {orders} orders, {lines} products in the cart"
        yield Row(PART, f"encoded facts after {events} events, median", sizes[people // 2], "B", target, note=note)


def facts_after(events: int, seed: int = 1) -> Facts:
    """The facts of a signed-in shopper."""
    return facts_of(Shopper(seed=seed).messages(events))


def facts_of(messages: Sequence[Message]) -> Facts:
    """What segment folds of these messages of one person, through ingest."""
    deployment = Deployment()
    deployment.send(messages)
    stored = (new for _, new in deployment.stream if new is not None)
    return fold(Facts(), map(read_event, stored), deployment.release.features)
