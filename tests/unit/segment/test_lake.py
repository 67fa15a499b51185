"""What segment hands on: after all retries the lake holds what brute force over the tables says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.memory_lake import MemoryLake
from shared.domain.events.event import Event
from shared.domain.lake.customer_rows import customer_row, order_rows
from shared.domain.lake.event_rows import event_row
from shared.domain.segments.subject import Subject
from shared.ports import Conflict
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.lake_rows import LakeRows
from tests.support.cases import LONG, UNIT, cases
from tests.support.interleaving import Crash, Turns, TurnTable
from tests.support.world import KEYS, NOW, Rules, Timers, World, batches, event
from tests.unit.segment.deployment import Deployment
from tests.unit.segment.people import FORMER_OWNER, histories

pytestmark = UNIT


class Dying(MemoryLake):
    """Whoever hands on may die before or after it."""

    def __init__(self, rng: random.Random, rate: float) -> None:
        super().__init__()
        self.rng, self.rate = rng, rate

    def hand_on(self, lines: Sequence[bytes]) -> None:
        if self.rng.random() < self.rate:
            raise Crash
        super().hand_on(lines)
        if self.rng.random() < self.rate:
            raise Crash


def newest(rows: list[dict[str, Any]], key: tuple[str, ...], by: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        name = tuple(row[one] for one in key)
        if name not in found or row[by] > found[name][by]:
            found[name] = row
    return found


def check(lake: MemoryLake, memory: MemoryTable, world: World, *, behind: bool = False) -> None:
    """Events, customers and orders, each told from the tables alone.

    ``behind``: a row may be of an earlier version, from which nothing but the version differs. Who decides a former
    owner and dies is not led to him again if another consumer told the same move meanwhile and marked it as done.
    """
    store = CustomerStore(memory)
    homes = {item["pk"] for item in memory.items()}
    told = newest(lake.rows("events"), ("home", "event"), "received_at")
    expected = {
        (home, one.id): {**event_row(one, home, "", world.rules.features.orders_from), "root": ""}
        for home in homes
        for one in store.events(home)
    }
    assert {key: {**row, "root": ""} for key, row in told.items()} == {
        k: {**v, "root": ""} for k, v in expected.items()
    }
    customers = newest(lake.rows("customers"), ("root",), "version")
    orders = newest(lake.rows("orders"), ("home", "order_id"), "version")
    for home in homes:
        customer = store.control(home).customer
        if customer is None:
            assert (home,) not in customers
            continue
        row = customers.get((home,))
        if behind and row is not None and customer.state == row["state"] == "live":
            assert row["version"] <= customer.version
            row = row | {"version": customer.version}
        if customer.state == "absorbed":
            assert row is None or (row["state"], row["version"]) == ("absorbed", customer.version)
            continue
        tree = load_tree(store, home)
        subject = Subject(tree.profile(), world.rules.shop, {}, KEYS)
        assert row == json.loads(json.dumps({**customer_row(subject, customer, world.now)}))
        for order in tree.profile().orders:
            of_id = [orders[one, order.id] for one in tree.keys if (one, order.id) in orders]
            last = max(of_id, key=lambda one: one["version"])
            (plain,) = order_rows([order], {order.id: [last["home"]]}, tree.root, last["version"], world.now)
            assert last | {"root": ""} == json.loads(json.dumps(plain)) | {"root": ""}


@cases(13, 5_000)
@given(histories(8 if LONG else 6), st.integers(0, 2**32), st.sampled_from([0.0, 0.02, 0.06]))
@example(FORMER_OWNER, 1_465_162, 0.06)
def test_two_consumers_and_crashes_lose_no_row(events: list[Event], seed: int, crash_rate: float) -> None:
    """Two consumers that may die after any call of the table and around handing on, and get their batch again. If
    nobody dies, the lake has the versions of the tables too."""
    rng = random.Random(seed)
    memory = MemoryTable(indexes=INDEXES["customers"])
    lake = Dying(rng, crash_rate)
    world = World(TurnTable(memory))
    for one in events:
        memory.put(event_item(one, KEYS))
    split = rng.randint(0, len(events))
    parts = [events[:split], [*events[split:], *rng.choices(events, k=2)]]

    def job(part: list[Event]) -> Callable[[], None]:
        groups = [part[start : start + 3] for start in range(0, len(part), 3)]

        def consume() -> None:
            while groups:
                rows = LakeRows(lake)
                try:
                    Segmentation(world.store, world.timers, KEYS, world.rules, rows).fold(batches(groups[0]), world.now)
                    rows.flush()
                except Conflict:
                    continue
                groups.pop(0)

        return consume

    Turns(rng, crash_rate).run([job(part) for part in parts])
    check(lake, memory, world, behind=crash_rate > 0)


class Countdown:
    """Ends the process behind the call of this number, once."""

    def __init__(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        self.left -= 1
        if self.left == -1:
            raise Crash


class CountedTable:
    """A table whose every call may be the last: what it does is done."""

    def __init__(self, memory: MemoryTable, countdown: Countdown) -> None:
        self._memory, self._countdown = memory, countdown

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            answer = getattr(self._memory, name)(*given, **named)
            self._countdown.step()
            return answer

        return call


class CountedLake(MemoryLake):
    """Ends before the rows are there, or behind it."""

    def __init__(self, countdown: Countdown) -> None:
        super().__init__()
        self.countdown = countdown

    def hand_on(self, lines: Sequence[bytes]) -> None:
        self.countdown.step()
        super().hand_on(lines)
        self.countdown.step()


def test_each_call_may_be_the_last_before_the_batch_comes_again() -> None:
    """A browser orders, signs in, and the user gets his money back: whichever call of the table or of handing on is the
    last one of an invocation, its batch comes again, and the lake says what the tables say."""
    story = [
        [event("Product Viewed", ["anonymous:a"], id="v"), event("Product Viewed", ["user:u"], id="w")],
        [event("Order Completed", ["anonymous:a"], order_id="o", total=10, trusted=True)],
        [event("identify", ["user:u", "anonymous:a"], trusted=True)],
        [event("Order Refunded", ["user:u"], order_id="o", total=10, trusted=True)],
    ]
    calls, handed = 0, 0
    while True:
        countdown = Countdown(calls)
        memory, lake = MemoryTable(indexes=INDEXES["customers"]), CountedLake(countdown)
        for one in (one for batch in story for one in batch):
            memory.put(event_item(one, KEYS))
        world = World(cast("Any", CountedTable(memory, countdown)))
        for batch in story:
            for _ in range(2):
                rows = LakeRows(lake)
                try:
                    Segmentation(world.store, world.timers, KEYS, world.rules, rows).fold(batches(batch), world.now)
                    rows.flush()
                    break
                except Crash:
                    handed += lake.requests
        check(lake, memory, world)
        if countdown.left >= 0:
            break
        calls += 1
    assert calls > 30
    assert handed


def test_an_order_of_a_browser_is_the_customers_after_he_signs_in() -> None:
    """The browser was decided many times, its owner once: the refund that comes later counts."""
    lake, world = MemoryLake(), World()

    def take(*events: Event) -> None:
        world.store_only(events)
        rows = LakeRows(lake)
        Segmentation(world.store, world.timers, KEYS, Rules(), rows).fold(batches(events), world.now)
        rows.flush()

    for number in range(5):
        take(event("Product Viewed", ["anonymous:a"], id=str(number)))
    take(event("Order Completed", ["anonymous:a"], order_id="o", total=10, trusted=True))
    take(event("identify", ["user:u", "anonymous:a"], trusted=True))
    take(event("Order Refunded", ["user:u"], order_id="o", total=10, trusted=True))
    check(lake, world.memory, world)
    (last,) = sorted(lake.rows("orders"), key=lambda row: row["version"])[-1:]
    assert (last["state"], last["refunded"]) == ("fully_refunded", "10.00")


def test_a_refund_that_was_told_of_the_owner_counts_when_the_browser_becomes_his() -> None:
    """No event names the order then: all orders of who moved are told again."""
    lake, world = MemoryLake(), World()
    for one in (
        event("Order Completed", ["anonymous:a"], order_id="o", total=10, trusted=True),
        event("Order Refunded", ["user:u"], order_id="o", total=10, trusted=True),
        event("identify", ["user:u", "anonymous:a"], trusted=True),
    ):
        world.store_only([one])
        rows = LakeRows(lake)
        Segmentation(world.store, world.timers, KEYS, Rules(), rows).fold(batches([one]), world.now)
        rows.flush()
    check(lake, world.memory, world)
    assert any(row.get("refunded") == "10.00" for row in lake.rows("orders"))


def test_one_request_hands_on_all_of_an_invocation() -> None:
    """Ten people in one batch: one request; without news none."""
    deployment = Deployment(lake=MemoryLake())
    deployment.take(*(event("Product Viewed", [f"user:u{n}"], at=NOW) for n in range(10)))
    assert deployment.lake is not None
    assert deployment.lake.requests == 1
    assert len(deployment.lake.rows("events")) == len(deployment.lake.rows("customers")) == 10
    deployment.deliver()
    assert deployment.lake.requests == 1


def test_a_flip_is_told_before_its_timer_is_gone() -> None:
    """Who dies while handing on fires again, and tells it then."""
    import pytest

    from functions.segment.on_due import FlipsLeft

    class Once(MemoryLake):
        broken = False

        def hand_on(self, lines: Sequence[bytes]) -> None:
            if self.broken:
                self.broken = False
                raise ConnectionError
            super().hand_on(lines)

    lake = Once()
    deployment = Deployment(lake=lake)
    deployment.take(event("Order Completed", ["user:1"], at=NOW, order_id="o", total=1, trusted=True))
    told = len(lake.rows("customers"))
    lake.broken = True
    with pytest.raises(FlipsLeft):
        deployment.tick(NOW + timedelta(days=31))
    assert len(lake.rows("customers")) == told
    assert deployment.due()
    deployment.tick(NOW + timedelta(days=31, minutes=1))
    (row,) = sorted(lake.rows("customers"), key=lambda row: row["version"])[-1:]
    assert "new" not in row.get("segments", {})
    assert len(lake.rows("customers")) > told


def test_a_crashed_backfill_tells_who_was_decided() -> None:
    """Who was written and not told is told when the shard is walked again, though nothing is written then."""
    world, lake = World(), MemoryLake()
    world.send(event("Product Viewed", ["user:u"]))
    root = KEYS(event("x", ["user:u"]).owner)
    rules = Rules(number=2)
    lost = LakeRows(lake)
    assert Segmentation(world.store, Timers(), KEYS, rules, lost).raise_to(2, root, world.now)
    again = LakeRows(lake)
    assert not Segmentation(world.store, Timers(), KEYS, rules, again).raise_to(2, root, world.now)
    again.flush()
    check_one(lake, world)


def check_one(lake: MemoryLake, world: World) -> None:
    (row,) = lake.rows("customers")
    customer = world.tree("user:u").control.customer
    assert customer is not None
    assert row["version"] == customer.version


@cases(8, 1_000)
@given(histories(6), st.integers(0, 2**32))
def test_a_lake_that_is_told_anew_says_the_same(events: list[Event], seed: int) -> None:
    """Of every identifier of the log, in any order, with nothing but the tables: the newest rows are those of brute
    force, and no table is written."""
    memory = MemoryTable(indexes=INDEXES["customers"])
    world = World(memory)
    for one in events:
        memory.put(event_item(one, KEYS))
        Segmentation(world.store, world.timers, KEYS, world.rules).fold(batches([one]), world.now)
    before = [dict(item) for item in memory.items()]
    lake, homes = MemoryLake(), sorted({item["pk"] for item in memory.items() if item["sk"].startswith("t#")})
    random.Random(seed).shuffle(homes)
    rows = LakeRows(lake)
    for home in homes:
        Segmentation(world.store, world.timers, KEYS, world.rules, rows).hand_on_again(home, world.now)
    rows.flush()
    assert memory.items() == before
    check_told_anew(lake, memory, world, homes)


def check_told_anew(lake: MemoryLake, memory: MemoryTable, world: World, homes: list[str]) -> None:
    """Each event; each live customer with a log, and the orders that his events name."""
    store = CustomerStore(memory)
    events = {(row["home"], row["event"]) for row in lake.rows("events")}
    assert events == {(home, one.id) for home in homes for one in store.events(home)}
    live = {row["root"]: row for row in lake.rows("customers") if row["state"] == "live"}
    orders = newest(lake.rows("orders"), ("home", "order_id"), "version")
    for home in homes:
        tree = load_tree(store, home)
        customer = tree.control.customer
        assert customer is not None
        assert live[tree.root]["version"] == customer.version
        assert set(live[tree.root]["members"]) == set(tree.keys)
        named = {str(one.properties.get("order_id")) for one in store.events(home)}
        for order in tree.profile().orders:
            if order.id in named:
                assert orders[home, order.id]["state"] == order.state
