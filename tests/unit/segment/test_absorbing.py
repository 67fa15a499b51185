"""A customer whose identifier has an owner now decides nothing more, whoever decided him at that moment."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.profile.customer_item import Customer
from shared.ports import Conflict, Item
from tests.support.cases import cases
from tests.support.interleaving import Turns, TurnTable
from tests.support.world import World, batches, event
from tests.unit.segment.deployment import key

pytestmark = pytest.mark.unit

GUEST = event("Order Completed", ["email:g@example.com"], order_id="o1", total=1)
AGAIN = event("Order Completed", ["email:g@example.com"], order_id="o2", total=2)
SIGNED_IN = event("identify", ["user:u", "email:g@example.com"], trusted=True)


def check_absorbed(memory: MemoryTable) -> None:
    """The address belongs to the user: it decides nothing, is listed nowhere, and both orders are the user's."""
    world = World(memory)
    address = world.store.control(key("email:g@example.com"))
    assert address.customer is not None
    assert (address.customer.state, dict(address.members)) == ("absorbed", {})
    user = world.store.control(key("user:u"))
    assert user.customer is not None
    assert (user.customer.state, set(user.customer.segments)) == ("live", {"new"})


class DecidedMeanwhile(MemoryTable):
    """Another worker, who read the tree before the link was there, decides the address just before it is absorbed."""

    def __init__(self) -> None:
        super().__init__(indexes=INDEXES["customers"])
        self.met = False

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        if item.get("state") == "absorbed" and not self.met:
            self.met = True
            store = World(self).store
            known = store.control(item["pk"]).customer
            assert known is not None
            store.put_customer(item["pk"], Customer(known.version + 1, 1, known.segments), previous=known.version)
        super().put(item, expect=expect)


def test_who_was_decided_at_the_same_moment_is_absorbed_all_the_same() -> None:
    """The race is lost once; the root is decided anew, and the address with it."""
    table = DecidedMeanwhile()
    world = World(table)
    world.send(GUEST, AGAIN)
    world.send(SIGNED_IN)
    assert table.met
    check_absorbed(table)


@cases(60)
@given(st.integers(0, 2**32))
def test_whoever_comes_first_the_address_ends_absorbed(seed: int) -> None:
    """One worker links the address while another folds an order of it, call by call in any order."""
    memory = MemoryTable(indexes=INDEXES["customers"])
    World(memory).send(GUEST)
    world = World(TurnTable(memory))
    world.store_only([AGAIN, SIGNED_IN])

    def fold(*events: object) -> None:
        while True:
            try:
                world.segmentation.fold(batches(one for one in (AGAIN, SIGNED_IN) if one in events), world.now)
            except Conflict:  # who lost every race comes again, as the stream would bring it
                continue
            return

    Turns(random.Random(seed), 0).run([lambda: fold(AGAIN), lambda: fold(SIGNED_IN)])
    check_absorbed(memory)
