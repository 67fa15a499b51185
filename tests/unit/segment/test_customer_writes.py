"""What segmentation writes and hands on for one invocation: each decision once, and schedule hears what led to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.memory_lake import MemoryLake
from shared.domain.events.event import Event
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import MAX_FOLDED, Customer, read_customer
from shared.ports import Item
from shared.stores.lake_rows import LakeRows
from tests.support.world import KEYS, World, batches, event, later
from tests.unit.segment.deployment import key

pytestmark = pytest.mark.unit
IMPORTED: dict[str, Any] = {"history": True}


class Written(MemoryTable):
    """Keeps every write of a customer."""

    def __init__(self) -> None:
        super().__init__(indexes=INDEXES["customers"])
        self.customers: list[tuple[str, Customer]] = []

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        super().put(item, expect=expect)
        if item["sk"] == "customer":
            self.customers.append((item["pk"], read_customer(item)))


def sent(*steps: list[Event]) -> list[tuple[str, Customer]]:
    """What the last of these invocations writes."""
    table = Written()
    world = World(table)
    for events in steps:
        table.customers.clear()
        world.send(*events)
    return table.customers


def view(who: str, number: int = 0, **more: Any) -> Event:
    return event("Product Viewed", [who], at=later(seconds=number), id=f"{who}-{number}", product_id="x", **more)


def signs_in(*who: str, id: str = "in", **more: Any) -> Event:  # noqa: A002 - the word of the tests
    return event("identify", who, id=id, trusted=True, **more)


def test_who_signs_in_is_decided_once() -> None:
    """The user is written once, and then the address that is his now."""
    written = sent([view("email:g@x.org")], [signs_in("user:u", "email:g@x.org")])
    assert [(pk, one.state, one.version) for pk, one in written] == [
        (key("user:u"), "live", 1), (key("email:g@x.org"), "absorbed", 2),
    ]  # fmt: skip


def test_each_event_is_named_in_one_write() -> None:
    """A hundred in each, the oldest first; ten are one write."""
    written = [one for _, one in sent([view("user:u", number) for number in range(2 * MAX_FOLDED + 50)])]
    assert [len(one.events) for one in written] == [MAX_FOLDED, MAX_FOLDED, 50]
    times = [when for one in written for _, _, _, when in one.events]
    assert times == sorted(set(times))
    assert len(sent([view("user:u", number) for number in range(10)])) == 1


@pytest.mark.parametrize("imported", [True, False])
def test_schedule_hears_whether_an_import_led_to_a_write(imported: bool) -> None:
    """An import of history begins no journey. One live event among them may."""
    context = IMPORTED if imported else {}
    assert [one.history for _, one in sent([view("user:u", context=context)])] == [imported]
    assert [one.history for _, one in sent([view("user:u", 1, context=context), view("user:u", 2)])] == [False]


@pytest.mark.parametrize("imported", [True, False])
def test_who_loses_an_identifier_is_decided_for_it(imported: bool) -> None:
    """No event of his was folded. It was a live one that took it away, or an import."""
    words = IMPORTED if imported else {}
    card = [view("loyalty:L7"), signs_in("user:v", "loyalty:L7", id="v", at=later(minutes=2))]
    earlier = signs_in("user:u", "loyalty:L7", id="u", at=later(minutes=1), context=words)
    written = sent(card, [earlier])
    assert {pk: one.history for pk, one in written if one.state == "live"} == {
        key("user:u"): imported, key("user:v"): imported,
    }  # fmt: skip


def test_what_is_live_and_what_is_imported_are_written_apart() -> None:
    """The browser of a user views a product while an import says that an address is his: only the first may begin a
    journey."""
    linked = [signs_in("user:u", "anonymous:a", id="first"), view("email:e@x.org")]
    imported = signs_in("user:u", "email:e@x.org", id="second", context=IMPORTED)
    written = sent(linked, [view("anonymous:a", 5), imported])
    ours = [one for pk, one in written if pk == key("user:u")]
    assert [(one.history, {name for name, *_ in one.events}) for one in ours] == [
        (False, {"Product Viewed", "Identified"}), (True, set()),
    ]  # fmt: skip


class Counting:
    """Every arming of a timer."""

    def __init__(self) -> None:
        self.armed: list[tuple[datetime, str]] = []

    def arm_flip(self, due: datetime, root: str) -> None:
        self.armed.append((due, root))


def test_a_timer_that_is_armed_is_not_armed_again() -> None:
    """Nor is a later one armed beside it; an earlier one is, and replaces it."""
    world, timers = World(), Counting()

    def send(*events: Event) -> int | None:
        world.store_only(events)
        Segmentation(world.store, timers, KEYS, world.rules).fold(batches(events), world.now)
        customer = world.store.control(key("user:u")).customer
        return None if customer is None else customer.armed

    def order(days: int) -> Event:
        return event("Order Completed", ["user:u"], at=later(days=-days), order_id=f"o{days}", total=1)

    due = later(days=20)
    assert send(order(10)) == milliseconds(due)
    assert send(view("user:u", 1)) == milliseconds(due)
    assert timers.armed == [(due, key("user:u"))]
    assert send(order(15)) == milliseconds(later(days=15))
    assert timers.armed == [(due, key("user:u")), (later(days=15), key("user:u"))]


def test_schedule_sees_the_cart_without_reading_it() -> None:
    """Since when it stands, and how many products are in it; no cart has no time."""
    [(_, none)] = sent([view("user:u")])
    assert (none.cart_at, none.cart_count) == (None, 0)
    add = [event("Product Added", ["user:u"], at=later(minutes=n), id=f"{n}", product_id=f"p{n}") for n in (1, 2)]
    [(_, full)] = sent(add)
    assert (full.cart_at, full.cart_count) == (milliseconds(later(minutes=2)), 2)


def test_a_link_that_stands_is_not_looked_up_again() -> None:
    """A user who names his browser with every event costs the reads of his tree: two requests to read, as one without
    a browser and one more for it, and what the event writes."""

    def requests(*who: str) -> float:
        world = World()
        world.send(event("Product Viewed", who, id="first", product_id="x"))
        world.memory.usage.reset()
        world.send(event("Product Viewed", who, id="second", at=later(minutes=1), product_id="x"))
        return world.memory.usage.requests

    assert requests("user:u", "anonymous:a") - requests("user:u") == 1


def test_the_lake_is_told_once_that_a_customer_was_absorbed() -> None:
    """Not with each later event of his owner."""
    world, lake = World(), MemoryLake()
    for events in ([view("email:g@x.org")], [signs_in("user:u", "email:g@x.org")], [view("user:u")]):
        world.store_only(events)
        rows = LakeRows(lake)
        Segmentation(world.store, world.timers, KEYS, world.rules, rows).fold(batches(events), world.now)
        rows.flush()
    told = [(row["root"], row["state"]) for row in lake.rows("customers")]
    address, user = key("email:g@x.org"), key("user:u")
    assert told == [(address, "live"), (user, "live"), (address, "absorbed"), (user, "live")]


def test_an_owner_of_hundreds_of_browsers_keeps_the_newest_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read with every event of his: whoever knows a public key may name any number."""
    monkeypatch.setattr("functions.segment.service.MAX_HINTS", 9)
    world = World()
    named = [("user:bot", f"device:d{number}") for number in range(10)]
    world.send(*(event("Product Viewed", who, at=later(minutes=n), id=f"{n}") for n, who in enumerate(named)))
    kept = world.store.control(key("user:bot")).owns
    assert kept.keys() == {key(f"device:d{number}") for number in range(1, 10)}
