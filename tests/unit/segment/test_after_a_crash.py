"""A link that a crash left half written: who folds the same events again finishes it, and tells everybody of it."""

from __future__ import annotations

from typing import Any

import pytest

from functions.segment.consent_changes import ConsentChanges
from functions.segment.service import ATTEMPTS, Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.memory_lake import MemoryLake
from shared.domain.events.event import Event
from shared.domain.facts.fold import Features
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import Customer, read_customer
from shared.ports import Conflict, Item
from shared.stores.customers import Hint
from shared.stores.lake_rows import LakeRows
from tests.support.interleaving import Crash
from tests.support.world import KEYS, NOW, Rules, World, batches, event, later
from tests.unit.segment.deployment import key
from tests.unit.segment.test_consent_changes import SHOP, Told

pytestmark = pytest.mark.unit
USER, ADDRESS = key("user:u"), key("email:g@x.org")


class Dying(MemoryTable):
    """Ends the process instead of the claim's write of this number. Keeps every write of a customer."""

    def __init__(self, dies_at: int = -1) -> None:
        super().__init__(indexes=INDEXES["customers"])
        self.claims_left = dies_at
        self.customers: list[tuple[str, Customer]] = []

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        if item["sk"] == "claim":
            self.claims_left -= 1
            if self.claims_left == 0:
                raise Crash
        super().put(item, expect=expect)
        if item["sk"] == "customer":
            self.customers.append((item["pk"], read_customer(item)))


class Twice:
    """The events of one invocation that dies, and of the next that gets them again."""

    def __init__(self, *events: Event, dies_at: int) -> None:
        self.table, self.lake, self.told = Dying(dies_at), MemoryLake(), Told()
        self.world = World(self.table, Rules(shop=SHOP))
        self.world.store_only(events)
        with pytest.raises(Crash):
            self.fold(events)
        self.table.customers.clear()
        self.told.homes.clear()
        self.fold(events)

    def fold(self, events: tuple[Event, ...]) -> None:
        rows, changes = LakeRows(self.lake), ConsentChanges(self.told)
        world = self.world
        Segmentation(
            world.store, world.timers, KEYS, world.rules, rows, consent_changes=changes
        ).fold(batches(events), world.now)  # fmt: skip
        rows.flush()

    @property
    def written(self) -> list[tuple[str, str, int]]:
        return [(pk, one.state, one.version) for pk, one in self.table.customers]


def guest_signs_in(**context: Any) -> tuple[Event, Event]:
    viewed = event("Product Viewed", ["email:g@x.org"], id="v", context=context, product_id="x")
    return viewed, event("identify", ["user:u", "email:g@x.org"], id="i", trusted=True, context=context)


@pytest.mark.parametrize("imported", [True, False])
def test_a_hint_without_its_claim_leads_to_the_link(imported: bool) -> None:
    """The owner knows of the address, which knows of no owner: first both are decided by themselves, then the owner
    with the address, and the register hears of it. An import begins no journey then either."""
    again = Twice(*guest_signs_in(**({"history": True} if imported else {})), dies_at=1)
    assert again.written == [
        (ADDRESS, "live", 1), (USER, "live", 1), (USER, "live", 2), (ADDRESS, "absorbed", 2),
    ]  # fmt: skip
    assert {one.history for pk, one in again.table.customers if pk == USER} == {imported}
    assert again.told.homes == [ADDRESS]
    assert again.world.store.control(ADDRESS).moving is None
    assert {row["root"] for row in again.lake.rows("events")} == {USER}


@pytest.mark.parametrize("imported", [True, False])
def test_a_link_that_was_not_marked_as_done_is_done_again(imported: bool) -> None:
    """The owner is decided for his event, and once more for the link: nobody knows who was told before."""
    again = Twice(*guest_signs_in(**({"history": True} if imported else {})), dies_at=2)
    assert again.written == [(USER, "live", 2), (USER, "live", 3)]
    assert {one.history for _, one in again.table.customers} == {imported}
    assert again.told.homes == [ADDRESS]
    assert again.world.store.control(ADDRESS).moving is None
    told = [(row["root"], row["state"]) for row in again.lake.rows("customers")]
    assert told[-3:] == [(USER, "live"), (USER, "live"), (ADDRESS, "absorbed")]


def test_only_the_link_that_is_left_over_is_made_again() -> None:
    """Another one that stands costs nothing: its claim is not written again."""
    browser, address = key("anonymous:a"), ADDRESS
    linked = event("identify", ["user:u", "anonymous:a"], id="first", trusted=True)
    again = Twice(linked, *guest_signs_in(), dies_at=4)
    claims = {child: again.world.store.control(child).claim_version for child in (browser, address)}
    again.fold((linked, *guest_signs_in()))
    assert {child: again.world.store.control(child).claim_version for child in (browser, address)} == claims
    assert again.world.store.control(address).moving is None


def test_a_rebuild_takes_away_a_hint_of_somebody_elses_identifier() -> None:
    """It is of a link that lost: who owns the browser is told by its claim."""
    world = World()
    world.send(event("identify", ["user:v", "anonymous:a"], at=later(minutes=1), id="v", trusted=True))
    world.send(event("identify", ["user:u", "anonymous:a"], at=later(minutes=2), id="u", trusted=True))
    browser = key("anonymous:a")
    assert world.tree("anonymous:a").root == key("user:v")
    world.store.put_owns(USER, browser, Hint(milliseconds(later(minutes=2)), "lost"))
    world.segmentation.rebuild(USER, world.now)
    assert world.store.control(USER).owns.keys() == set()
    assert world.store.control(key("user:v")).owns.keys() == {browser}
    assert world.store.control(browser).moving is None


def test_a_hint_that_tells_another_time_than_the_claim_is_mended() -> None:
    """Who read it would join the wrong ones of too many; the next event of its owner writes it anew."""
    world = World()
    linked = event("identify", ["user:u", "anonymous:a"], id="i", trusted=True)
    world.send(linked)
    browser = key("anonymous:a")
    world.store.put_owns(USER, browser, Hint(milliseconds(later(days=9)), "old"))
    world.send(linked)
    assert world.store.control(USER).owns[browser].since == milliseconds(NOW)


class Contested(MemoryTable):
    """Others are faster so many times."""

    def __init__(self) -> None:
        super().__init__(indexes=INDEXES["customers"])
        self.refuses = 0

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        if item["sk"] == "customer" and self.refuses:
            self.refuses -= 1
            raise Conflict
        super().put(item, expect=expect)


def test_who_loses_each_race_says_so() -> None:
    """It is tried twelve times to decide, and a timer tries that twelve times; who called tries again later."""
    table = Contested()
    world = World(table)
    world.send(event("Order Completed", ["user:u"], order_id="o", total=1))
    due = later(days=30)
    table.refuses = ATTEMPTS
    with pytest.raises(Conflict, match=r"^a customer keeps changing under us$"):
        world.segmentation.decide(USER, world.now)
    table.refuses = ATTEMPTS - 1
    world.segmentation.decide(USER, world.now)
    table.refuses = ATTEMPTS * ATTEMPTS
    with pytest.raises(Conflict, match=r"^a customer keeps changing under us$"):
        world.segmentation.flip(USER, due, due)
    assert table.refuses == 0
    table.refuses = ATTEMPTS * ATTEMPTS - 1
    assert world.segmentation.flip(USER, due, due)


def test_an_identifier_beyond_the_newest_of_its_owner_is_decided_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner joins the newest ones only; it was a customer of its own, and is none any more."""
    monkeypatch.setattr("shared.queries.customer_tree.MAX_MEMBERS", 3)
    world = World()
    world.send(event("Order Completed", ["device:d0"], id="own", order_id="o", total=1))
    named = [("user:bot", f"device:d{number}") for number in range(4)]
    world.send(*(event("Product Viewed", who, at=later(minutes=n), id=f"{n}") for n, who in enumerate(named)))
    assert key("device:d0") not in world.tree("user:bot").keys
    first = world.store.control(key("device:d0"))
    assert first.customer is not None
    assert (first.customer.state, first.customer.left, dict(first.members)) == ("absorbed", ("new",), {})
    bot = world.store.control(key("user:bot")).customer
    assert bot is not None
    assert bot.segments == {}


def test_raising_a_customer_reads_him_once() -> None:
    """The tree that shows whether there is something to do is the one that is decided from; then nothing is written."""
    world = World()
    world.send(event("Order Completed", ["user:u", "anonymous:a"], order_id="o", total=1))
    asked = Segmentation(world.store, world.timers, KEYS, Rules(number=2))
    world.memory.usage.reset()
    assert asked.raise_to(2, USER, NOW)
    assert world.memory.usage.by_operation == {"query": 2, "put": 1}
    world.memory.usage.reset()
    assert not asked.raise_to(2, USER, NOW)
    assert world.memory.usage.by_operation == {"query": 2}


def test_orders_that_only_the_public_told_begin_nothing() -> None:
    """Where only trusted sources tell orders, schedule hears of no order that a page told."""
    world = World(rules=Rules(features=Features(orders_from="trusted")))
    world.send(
        event("Order Completed", ["user:u"], id="page", order_id="o", total=1),
        event("Order Completed", ["user:u"], id="till", order_id="p", total=1, trusted=True),
    )
    customer = world.store.control(USER).customer
    assert customer is not None
    [(name, home, *_)] = customer.events
    assert (name, home) == ("Order Completed", USER)
