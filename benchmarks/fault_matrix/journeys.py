"""Journeys begin, their timers fire, and what became of messages is handed on to the lake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from benchmarks.deployment import KEYS, NOW, Clock
from benchmarks.fault_matrix.events import Invoked, folded
from benchmarks.fault_matrix.lake import FaultyLake
from benchmarks.fault_matrix.world import Items, World
from benchmarks.mailing_list import MailingList, send
from functions.measure import on_message
from functions.schedule import on_customer, on_due, on_queue
from functions.schedule.bought_together import BoughtTogether
from functions.schedule.due_timers import DueTimers
from functions.schedule.environment import Environment
from functions.schedule.fire_timer import TimerFirer
from functions.schedule.service import Scheduling
from functions.schedule.timer_batches import batch_bodies
from shared.adapters.attribute_values import write_item
from shared.adapters.memory_lake import MemoryLake
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import CUSTOMER
from shared.domain.messages.request import Channel
from shared.ports import Queue
from shared.stores.companions import CompanionStore
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.lake_rows import LakeRows
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.timers import Timers

USER = KEYS(parse_identifier("user:ayse"))
CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")


class Scheduled(World):
    """Schedule's environment."""

    tables = ("customers", "timers", "messages", "catalog")
    queues = (*CHANNELS, "work", "failures")
    hours = 0.0

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__({name: held for name, held in items.items() if name in self.tables}, faults)
        self.lake = MemoryLake()

    def compose(self) -> Environment:
        clock = Clock()
        clock.time = NOW + timedelta(hours=self.hours)
        at, queue = self.at, self.queue
        customers, timers, releases = CustomerStore(at["customers"]), Timers(at["timers"]), Releases(at["catalog"])
        scheduling = Scheduling(
            customers, timers, Ledger(at["messages"]), releases, JourneyControls(at["catalog"], monotonic=clock.seconds)
        )
        channels: Mapping[Channel, Queue] = {channel: queue[channel] for channel in CHANNELS}
        firer = TimerFirer(scheduling, timers, ControlStore(at["catalog"]), channels, queue["failures"])
        return Environment(
            clock=clock,
            scheduling=scheduling,
            timers=timers,
            firer=firer,
            tick=DueTimers(timers, firer, queue["work"]),
            failures=queue["failures"],
            together=BoughtTogether(customers, CompanionStore(at["catalog"])),
            lake=LakeRows(FaultyLake(self.lake, self.fuse)),
        )

    def state(self) -> dict[str, Any]:
        return {**super().state(), "lake": sorted({line.decode() for line in self.lake.lines})}


class BeginJourney(Scheduled):
    title = "A customer changed: a journey begins"
    function = "schedule-on-customer"
    again = "the stream"

    def attempt(self, composed: Any) -> bool:
        image = self.memory["customers"].get(USER, CUSTOMER)
        assert image is not None
        change = {
            "SequenceNumber": "1",
            "Keys": write_item({"pk": USER, "sk": CUSTOMER}),
            "NewImage": write_item(image),
        }
        return not on_customer.respond({"Records": [{"eventName": "INSERT", "dynamodb": change}]}, composed)[
            "batchItemFailures"
        ]


class Fired(Scheduled):
    """The days after it belong to the comparison: each further step must be handed over as without the fault."""

    hours = 1.1

    def afterwards(self, composed: Any) -> None:
        for _ in range(4):
            composed.clock.time += timedelta(hours=20)
            on_due.respond(Invoked(), composed)


class FireTimer(Fired):
    title = "A timer is due: a message is handed to its channel, the next step armed"
    function = "schedule-on-due"
    again = "the next minute"

    def attempt(self, composed: Any) -> bool:
        on_due.respond(Invoked(), composed)
        return True


class FireBatch(Fired):
    title = "The same by a worker, from the queue of timers"
    function = "schedule-on-queue"
    again = "the queue"

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        (due,) = Timers(self.memory["timers"]).due("journey", NOW + timedelta(hours=self.hours))
        (self.body,) = batch_bodies(due.shard, due.timers)
        self.receives = 0

    def attempt(self, composed: Any) -> bool:
        self.receives += 1
        record = {
            "messageId": "1", "body": self.body, "attributes": {"ApproximateReceiveCount": str(self.receives)},
        }  # fmt: skip
        return not on_queue.respond({"Records": [record]}, Invoked(), lambda: composed)["batchItemFailures"]


class HandOn(World):
    title = "What became of 20 messages is handed on to the lake"
    function = "measure-on-message"
    again = "the stream"
    tables = ("messages",)

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.lake = MemoryLake()
        self.records = [
            {"dynamodb": {"SequenceNumber": str(place), "NewImage": write_item(dict(item))}}
            for place, item in enumerate(items["messages"])
        ]

    def compose(self) -> FaultyLake:
        return FaultyLake(self.lake, self.fuse)

    def attempt(self, composed: Any) -> bool:
        return not on_message.respond({"Records": self.records}, composed)["batchItemFailures"]

    def state(self) -> dict[str, Any]:
        return {**super().state(), "lake": sorted({line.decode() for line in self.lake.lines})}


@cache
def begun() -> Items:
    """A customer whose cart reminder is due in an hour."""
    world = BeginJourney(folded())
    assert world.run().deliveries == 1
    return {name: held.items() for name, held in world.memory.items()}


@cache
def sent() -> Items:
    """The ledger after twenty messages."""
    people = MailingList(20)
    send(people.worker("email"), people.requests("email"))
    return {"messages": people.memory["messages"].items()}
