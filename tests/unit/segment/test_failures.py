"""Records that cannot be folded go to the failure queue and block nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.adapters.memory import MemoryTable
from shared.ports import Item, RefusedByTable
from shared.stores.event_items import event_item
from tests.support.world import KEYS, event
from tests.unit.segment.deployment import NOTHING_FAILED, Deployment, key

pytestmark = pytest.mark.unit

TRUST = {True: "server", False: "public"}


def test_a_poisoned_record_blocks_nobody() -> None:
    """A record that is no event goes to the failure queue by its key, never with its content; the others are folded."""
    world = Deployment()
    broken = [
        {"pk": key("user:b"), "sk": "t#1#x#p", "name": "X", "data": "{}"},
        {"pk": key("user:b"), "sk": "t#2#x#p", "name": "X", "data": '{"who": "secret'},
        {"pk": key("user:b"), "sk": "t#3#x#p"},
        {"pk": key("user:b"), "sk": "t#4#x#p", "name": "X", "data": '{"type": "track", "who": 7}'},
    ]
    good = event_item(event("Order Completed", ["user:g"], order_id="o", total=1), KEYS)
    assert world.deliver(*broken[:2], good, *broken[2:]) == NOTHING_FAILED
    assert [body["sk"] for body in world.failures.bodies] == [item["sk"] for item in broken]
    assert "secret" not in json.dumps(world.failures.bodies)
    assert world.segments("user:g") == {"new"}
    assert [(item["trust"], item["failed"]) for item in world.metrics.items()] == [("unknown", 4)]


class Refusing(MemoryTable):
    """Takes no facts of one customer: they are too large, say."""

    refused = key("user:big")

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        if item["pk"] == self.refused and item["sk"] == "facts":
            raise RefusedByTable("too large")
        super().put(item, expect=expect)


def test_a_customer_whose_facts_do_not_fit_blocks_nobody() -> None:
    """His events are given up one by one, all others of the batch are folded."""
    world = Deployment(Refusing())
    mine = [event("Product Viewed", ["user:big"], product_id="x", id=str(place)) for place in range(2)]
    other = event("Order Completed", ["user:g"], order_id="o", total=1)
    assert world.take(mine[0], other, mine[1]) == NOTHING_FAILED
    assert [body["reason"] for body in world.failures.bodies] == ["RefusedByTable"] * 2
    assert world.segments("user:g") == {"new"}
    (counted,) = world.metrics.items()
    assert (counted["source"], counted["trust"], counted["failed"]) == (mine[0].source, TRUST[mine[0].trusted], 2)


class OutOfOrder(MemoryTable):
    """Takes no counters."""

    def add(self, *_: Any, **__: Any) -> dict[str, int]:
        raise ConnectionError("the network")


def test_a_failure_that_cannot_be_counted_blocks_nobody() -> None:
    """The stream goes on, and the failure queue has the record."""
    world = Deployment(Refusing(), OutOfOrder())
    assert world.take(event("Product Viewed", ["user:big"], product_id="x")) == NOTHING_FAILED
    assert len(world.failures.bodies) == 1


class Busy(MemoryTable):
    """A table that does not answer for a while."""

    busy = True

    def query(self, *args: Any, **how: Any) -> Any:
        if self.busy:
            raise ConnectionError("the network")
        return super().query(*args, **how)


def test_a_busy_table_brings_the_batch_again() -> None:
    """Trouble of the world is no poison: nothing is given up, the stream delivers again from there."""
    table = Busy()
    world = Deployment(table)
    one = event("Order Completed", ["user:g"], order_id="o", total=1)
    assert world.take(one) == {"batchItemFailures": [{"itemIdentifier": "00"}]}
    assert world.failures.bodies == []
    table.busy = False
    assert world.take(one) == NOTHING_FAILED
    assert world.segments("user:g") == {"new"}
