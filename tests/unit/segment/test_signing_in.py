"""Two customers become one, and one becomes two: nobody enters again what he was in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from functions.segment.service import Segmentation
from shared.adapters.memory import Change
from shared.domain.events.event import Event
from shared.domain.identity.claims import LINK_RELEASED
from shared.domain.identity.keys import CUSTOMER, milliseconds
from shared.domain.profile.customer_item import read_customer
from shared.stores.customers import CustomerStore
from tests.support.world import KEYS, NOW, World, batches, event, later
from tests.unit.schedule.whole import Crash, Fuse, FusedTable

pytestmark = pytest.mark.unit
MAIL, USER = "email:a@b.example", "user:1"


class Watched(World):
    """What was entered and left in the writes of ``customer``, as schedule hears it; any call may be the last."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.memory.on_change = self.changes.append
        self.fuse = Fuse()

    def dying(self) -> Segmentation:
        fused = FusedTable(self.memory, self.fuse)
        return Segmentation(CustomerStore(fused), self.timers, KEYS, self.rules)

    def told(self, word: str) -> list[str]:
        found = []
        for _, new in self.changes:
            if new is not None and new["sk"] == CUSTOMER and (decided := read_customer(new)).state == "live":
                found += getattr(decided, word)
        return found


def order(who: str, number: str, days_ago: int) -> Event:
    at = NOW - timedelta(days=days_ago)
    return event("Order Completed", [who], at=at, id=number, trusted=True, order_id=number, total=10)


def link() -> Event:
    return event("Product Viewed", [USER, MAIL], at=later(minutes=5), id="link", trusted=True, product_id="p1")


@pytest.mark.parametrize("user_is_known", [False, True])
def test_who_signs_in_keeps_since_when(user_is_known: bool) -> None:
    """In at-risk as an address since it was decided; with the account it is the same membership."""
    world = Watched()
    world.send(order(MAIL, "o1", 100))
    if user_is_known:
        world.send(event("Product Viewed", [USER], at=later(minutes=1), trusted=True, product_id="p1"))
    since = world.tree(MAIL).profile().segments["at-risk"]
    world.now += timedelta(days=3)
    world.send(link())
    assert world.tree(USER).root == KEYS(link().owner)
    assert world.tree(USER).profile().segments == {"at-risk": since}
    assert world.told("entered") == ["at-risk"]


def test_who_is_another_by_the_account_leaves() -> None:
    """The account ordered last week: the two together are neither at risk nor new, and that is told once."""
    world = Watched()
    world.send(order(MAIL, "o1", 100))
    world.send(order(USER, "o2", 7))
    world.send(link())
    assert "at-risk" not in world.tree(USER).profile().segments
    assert world.told("left") == ["at-risk", "new"]


@pytest.mark.parametrize("call", range(40))
def test_a_death_at_any_call_enters_nothing_twice(call: int) -> None:
    """The event of the link comes again after the environment died at its n-th call."""
    world = Watched()
    world.send(order(MAIL, "o1", 100))
    world.send(event("Product Viewed", [USER], at=later(minutes=1), trusted=True, product_id="p1"))
    world.store_only([link()])
    world.fuse.left = call
    try:
        world.dying().fold(batches([link()]), world.now)
    except Crash:
        world.dying().fold(batches([link()]), world.now)
    world.fuse.left = None
    assert world.tree(USER).profile().segments.keys() == {"at-risk"}
    assert world.told("entered") == ["at-risk"]
    assert world.store.control(KEYS(order(MAIL, "x", 1).owner)).members == {}


def test_who_is_released_enters_nothing_that_it_was_in() -> None:
    """The link was wrong: the address is a customer of its own again, as it was before."""
    world = Watched()
    world.send(order(MAIL, "o1", 100))
    since = world.tree(MAIL).profile().segments["at-risk"]
    world.send(link())
    said = event(LINK_RELEASED, [MAIL], at=later(minutes=9), id="r", trusted=True, owner=USER)
    world.now += timedelta(days=1)
    world.send(replace(said, source="admin", channel="admin", context={"active": False}))
    assert world.tree(USER).profile().segments == {}
    assert world.tree(MAIL).profile().segments == {"at-risk": since}
    assert world.told("entered") == ["at-risk"]
    assert milliseconds(since) < milliseconds(world.now)


def test_an_address_that_passes_to_another_enters_nothing_again() -> None:
    """Two accounts claim it; released from one it is the other's at once, and was in at-risk all the time."""
    world = Watched()
    world.send(order(MAIL, "o1", 100))
    world.send(link())
    other = event("Product Viewed", ["user:2", MAIL], at=later(minutes=6), id="l2", trusted=True, product_id="p1")
    world.send(other)
    world.now += timedelta(days=1)
    said = event(LINK_RELEASED, [MAIL], at=later(minutes=9), id="r", trusted=True, owner=USER)
    world.send(replace(said, source="admin", channel="admin", context={"active": False}))
    assert world.tree(MAIL).root == KEYS(other.owner)
    assert world.told("entered") == ["at-risk"]
