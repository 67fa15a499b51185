"""Timers: what arming, cancelling and firing one costs, a tick with nothing due, and a herd in one minute."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW, Failures, ready_definitions
from benchmarks.rows import Row
from functions.schedule.due_timers import DueTimers
from functions.schedule.fire_timer import Tally, TimerFirer
from functions.schedule.service import Scheduling
from functions.schedule.timer_batches import SIZE, TimerBatch
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.sqs import BATCH
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.messages.request import Channel
from shared.domain.profile.customer_item import Customer
from shared.ports import Table
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timers

PART = "timers"
MILLION = 1_000_000
HERD = 100_000
MEASURED = 2_000
"""Timers of the herd whose work is done for real; the rest costs as much each."""
CART = NOW - timedelta(hours=1)
DELIVERIES = 2
"""Requests to SQS per message beside its sending: receiving and deleting, counted as if there were no batches."""


@dataclass
class Counted:
    """A queue that keeps its messages and counts requests as SQS does."""

    bodies: list[str] = field(default_factory=list)
    requests: int = 0

    def send_many(self, bodies: Iterable[str]) -> None:
        held = list(bodies)
        self.bodies += held
        self.requests += -(-len(held) // BATCH)


class Crowd:
    """Shoppers with a cart of an hour ago: each has an enrollment of cart-recovery whose first reminder is due now."""

    def __init__(self, people: int, through: Callable[[MemoryTable], Table] = lambda memory: memory) -> None:
        """``through``: what stands between the functions and the tables in memory."""
        self.customers, self.timer_table, self.messages, self.catalog = (
            MemoryTable(indexes=INDEXES[name]) for name in ("customers", "timers", "messages", "catalog")
        )
        self.store, self.timers = CustomerStore(through(self.customers)), Timers(through(self.timer_table))
        releases = Releases(self.catalog)
        self.release = releases.publish(_cart_recovery())
        self.channels: dict[Channel, Counted] = {"email": Counted(), "sms": Counted(), "push": Counted()}
        self.work = Counted()
        self.scheduling = Scheduling(
            self.store, self.timers, Ledger(through(self.messages)), releases, JourneyControls(self.catalog)
        )
        self.firer = TimerFirer(self.scheduling, self.timers, ControlStore(self.catalog), self.channels, Failures())
        self.tick = DueTimers(self.timers, self.firer, self.work)
        self.keys = [KEYS(parse_identifier(f"user:b-{number}")) for number in range(people)]
        self._fill()

    def _fill(self) -> None:
        who = parse_identifier("user:b-0")
        event = Event(
            type=EventType.TRACK, name="Product Added", message_id="m1", time=CART, received_at=CART, source="web",
            channel="web", trusted=True, identifiers=(who,), properties={"product_id": "p1", "quantity": 1},
        )  # fmt: skip
        facts = fold(Facts(), [event], self.release.features)
        for key in self.keys:
            self.store.put_facts(key, StoredFacts(facts, 1, 1), previous=0)
            customer = Customer(
                version=1, cart_at=milliseconds(CART), cart_count=1,
                events=((event.name, key, event.sort_key, milliseconds(CART)),),
            )  # fmt: skip
            self.store.put_customer(key, customer, previous=0)
            self.scheduling.customer_changed(key, None, customer, CART)

    @property
    def tables(self) -> tuple[MemoryTable, ...]:
        return self.customers, self.timer_table, self.messages, self.catalog

    def forget(self) -> None:
        for table in self.tables:
            table.usage.reset()

    def hand_over(self, now: datetime = NOW) -> Tally:
        return self.tick.drain(now, owner="benchmark", until=now + timedelta(minutes=1), time_left=lambda: True)

    def do(self, now: datetime = NOW) -> Tally:
        """What the workers of the queue do with every pack."""
        tally = Tally()
        for body in self.work.bodies:
            self.firer.fire(TimerBatch.model_validate_json(body).read(), now, tally)
        return tally


def rows(pending: int = MILLION, herd: int = HERD, measured: int = MEASURED) -> Iterator[Row]:
    yield from _idle(pending)
    yield from _one()
    yield from _herd(herd)
    yield from _work(measured)
    yield from _prices()


def _idle(count: int) -> Iterator[Row]:
    """Flips and journeys are ticked by two functions, each over its own shards; together they are the minute's tick."""
    for pending in (1_000, count):
        table = MemoryTable()
        timers = Timers(table)
        tick = DueTimers(timers, _no_firer(), Counted())
        for start in range(0, pending, 1_000):
            later = range(start, min(start + 1_000, pending))
            timers.arm_many(
                [
                    Arming("journey", NOW + timedelta(hours=1, seconds=n), f"u.{n:022d}", "cart-recovery#x")
                    for n in later
                ]
            )
        table.usage.reset()
        tick.drain(NOW, owner="benchmark", until=NOW + timedelta(minutes=1), time_left=lambda: True)
        list(timers.drain("flip", NOW, owner="benchmark", until=NOW + timedelta(minutes=1)))
        name = f"the minute's tick with nothing due, {pending:,} pending"
        yield Row(PART, f"{name}: requests", table.usage.requests, "", None)
        yield Row(PART, f"{name}: read units", table.usage.read_units, "RU", 16, note="flips and journeys")
        yield Row(PART, f"{name}: write units", table.usage.write_units, "WU", 0)
        del table, timers
        gc.collect()


@cache
def _cart_recovery() -> Release:
    """The ready journey by itself: templates are not read here, and compiling them takes seconds."""
    ready = ready_definitions()
    return replace(ready, journeys=tuple(one for one in ready.journeys if one.journey == "cart-recovery"), templates=())


def _no_firer() -> TimerFirer:
    return Crowd(0).firer


def _one() -> Iterator[Row]:
    """Arming and cancelling; a burst of changes of one cart."""
    crowd = Crowd(0)
    crowd.forget()
    crowd.timers.arm("journey", NOW + timedelta(hours=1), "u.x", "cart-recovery#x", 1)
    usage = crowd.timer_table.usage
    yield Row(PART, "arm one: requests", usage.requests, "", 1)
    yield Row(PART, "arm one: write units", usage.write_units, "WU", 1, prices.of_units(write=usage.write_units))
    note = "a fired timer looks at the customer first; a changed cart is found by the timer that is armed"
    yield Row(PART, "cancel one, or move it later: requests", 0, "", 0, 0.0, note)


def _herd(count: int) -> Iterator[Row]:
    """One tick over so many timers of one minute: everything until the workers have them."""
    crowd = Crowd(0)
    for start in range(0, count, 1_000):
        crowd.timers.arm_many(
            [
                Arming(
                    "journey", CART + timedelta(milliseconds=n // 2), f"u.{n:022d}", "cart-recovery#x", 1, "reminder"
                )
                for n in range(start, min(start + 1_000, count))
            ]
        )
    crowd.forget()
    began = time.process_time()
    tally = crowd.hand_over()
    seconds = time.process_time() - began
    assert tally.packed == count
    usage, name = crowd.timer_table.usage, f"{count:,} timers due in one minute, handed over"
    yield Row(PART, f"{name}: requests to the table", usage.requests, "", None, note=f"{usage.write_units:.0f} WU")
    yield Row(PART, f"{name}: requests to the queue", crowd.work.requests, "", None, note=f"batches of {SIZE}")
    yield Row(PART, f"{name}: read units per timer", usage.read_units / count, "RU", 0.1)
    yield Row(PART, f"{name}: processor time", seconds, "s", None, prices.of_cpu(seconds / count), "one invocation")
    crowd.forget()
    crowd.work.bodies.clear()
    crowd.hand_over(NOW + timedelta(minutes=1))
    assert crowd.work.bodies == []
    note = "the workers have them all; nothing is handed over again"
    yield Row(PART, "the next minute's tick: requests to the table", usage.requests, "", None, note=note)


def _work(count: int) -> Iterator[Row]:
    """The workers' part: read the customer, decide, hand over, write the enrollment, arm the next timer, delete."""
    crowd = Crowd(count)
    crowd.hand_over()
    packed = crowd.work.bodies and sum(len(TimerBatch.model_validate_json(body).timers) for body in crowd.work.bodies)
    assert packed == count, "every timer of the crowd goes in a batch"
    crowd.forget()
    gc.collect()
    began = time.process_time()
    tally = crowd.do()
    seconds = (time.process_time() - began) / count
    assert tally.handed_over == count
    timers = crowd.timer_table.usage
    armed = timers.by_operation["put_many"]
    deleted = timers.by_operation["delete"]
    yield Row(
        PART, "fire one, by a worker: units of timers", timers.write_units / count, "WU", 2,
        prices.of_units(write=timers.write_units / count, read=timers.read_units / count),
        f"one to arm the next step ({armed / count:.2f} requests), one to delete ({deleted / count:.0f})",
    )  # fmt: skip
    everything = [table.usage for table in crowd.tables]
    read, write = sum(usage.read_units for usage in everything), sum(usage.write_units for usage in everything)
    requests = sum(usage.requests for usage in everything) + sum(queue.requests for queue in crowd.channels.values())
    yield Row(
        PART,
        "fire one, everything: requests",
        requests / count,
        "",
        None,
        note="the customer, the enrollment, the message",
    )
    yield Row(PART, "fire one, everything: read units", read / count, "RU", None)
    yield Row(
        PART, "fire one, everything: write units", write / count, "WU", None,
        prices.of_units(write=write / count, read=read / count),
    )  # fmt: skip
    note = f"measured on {count:,} enrollments of cart-recovery; tables in memory"
    yield Row(PART, "fire one: processor time", seconds * 1000, "ms", None, prices.of_cpu(seconds), note)
    total = f"{HERD:,} of them: processor time of all workers"
    yield Row(PART, total, seconds * HERD, "s", None, note="ten workers side by side: a tenth on the clock")


def _prices() -> Iterator[Row]:
    """A million delays, each armed once and fired once; the work that follows costs the same everywhere."""
    per_pack = prices.INVOCATIONS / SIZE
    queue = prices.SQS_REQUESTS * (1 / SIZE / BATCH + DELIVERIES / SIZE)
    ours = prices.of_units(write=2, read=0.05) + queue + per_pack
    note = "two write units, the batches, their invocations"
    yield Row(PART, "a million delays: timers", 1, "delay", None, ours, note)
    scheduler = prices.SCHEDULER + prices.INVOCATIONS
    note = "each its own schedule and invocation; 1,000 fires a second by default; moving or cancelling one is a call"
    yield Row(PART, "a million delays: EventBridge Scheduler", 1, "delay", None, scheduler, note)
    waits = prices.STATE_TRANSITIONS * 2 + prices.INVOCATIONS
    note = "Standard: into the wait and on to the task; what is pending is an execution each"
    yield Row(PART, "a million delays: Step Functions waits", 1, "delay", None, waits, note)
