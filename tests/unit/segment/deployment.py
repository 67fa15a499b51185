"""Segment's handlers on tables in memory, with a clock that a test turns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.segment import on_due, on_events
from functions.segment.environment import Environment
from shared.adapters.attribute_values import write_item
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.memory_lake import MemoryLake
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.ports import Item
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.lake_rows import LakeRows
from shared.stores.releases import Releases
from shared.stores.timers import Timers
from tests.support.world import KEYS, NOW, SEGMENTS


def key(who: str) -> str:
    return KEYS(parse_identifier(who))


@dataclass
class Failures:
    """The failure queue."""

    bodies: list[dict[str, Any]] = field(default_factory=list)

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies += [json.loads(body) for body in bodies]


@dataclass
class Hands:
    """A clock that a test turns."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Lambda:
    """What the invocation's context says."""

    aws_request_id: str = "r1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Deployment:
    """Segment's environment on tables in memory."""

    def __init__(
        self,
        customers: MemoryTable | None = None,
        metrics: MemoryTable | None = None,
        lake: MemoryLake | None = None,
    ) -> None:
        catalog = MemoryTable()
        Releases(catalog).publish(Release(0, Shop(name="Test"), SEGMENTS))
        self.customers = customers or MemoryTable(indexes=INDEXES["customers"])
        self.pending = MemoryTable()
        self.failures = Failures()
        self.clock = Hands()
        self.store = CustomerStore(self.customers)
        self.timers = Timers(self.pending)
        self.metrics = metrics or MemoryTable()
        self.lake = lake
        self.environment = Environment(
            self.clock, self.store, self.timers, Releases(catalog), KEYS, self.failures, self.metrics,
            lake=LakeRows(lake) if lake is not None else None,
        )  # fmt: skip

    def deliver(self, *items: Item, delivery: int = 0) -> dict[str, list[dict[str, str]]]:
        """One stream batch of new items."""
        records = []
        for place, item in enumerate(items):
            if not str(item["pk"]).startswith("?"):
                self.customers.put(item)
            keys = write_item({"pk": item["pk"], "sk": item["sk"]})
            change = {"SequenceNumber": f"{delivery}{place}", "Keys": keys, "NewImage": write_item(item)}
            records.append({"eventName": "INSERT", "dynamodb": change})
        return on_events.respond({"Records": records}, self.environment)

    def take(self, *events: Event) -> dict[str, list[dict[str, str]]]:
        return self.deliver(*(event_item(one, KEYS) for one in events))

    def tick(self, at: datetime) -> dict[str, int]:
        self.clock.at = at
        return on_due.respond(Lambda(), self.environment)

    def segments(self, who: str) -> set[str]:
        customer = self.store.control(key(who)).customer
        return set(customer.segments) if customer else set()

    def due(self) -> list[str]:
        return [item["sk"][:24] for item in self.pending.items() if item["pk"].startswith("flip#")]


NOTHING_FAILED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}
