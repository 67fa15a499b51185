"""A deployment's backfills in memory: releases, the tick, the work queue and its reader, pumped one call at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from functions.segment import on_due, on_queue
from functions.segment.backfill import SETTLE, Backfilling
from functions.segment.environment import Environment
from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.segments.backfill import Progress, progress
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.memberships import memberships
from shared.ports import Item, Page, Write
from shared.queries.customer_tree import load_tree
from shared.stores.backfills import BackfillStore
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.event_items import event_item
from shared.stores.releases import Releases
from shared.stores.timers import Timers
from tests.support.interleaving import Crash
from tests.support.world import KEYS, NOW, batches, event, later

BUYERS = {"segment": "buyers", "who": {"orders": {"at_least": 1}}}
NEW = {"segment": "new", "who": {"orders": {"first": {"within": "30d"}}}}
REGULARS = {"segment": "regulars", "who": {"orders": {"at_least": 2}}}


Saved = tuple[dict[str, list[dict[str, Any]]], datetime, datetime]


@dataclass
class Fuse:
    """Burns down with each call; None never does. The call at which it ends is done, and the environment is gone."""

    left: int | None = None
    calls: int = 0

    def burn(self) -> None:
        self.calls += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.left = None
                raise Crash


class FusedTable:
    """A memory table whose calls burn a fuse."""

    def __init__(self, memory: MemoryTable, fuse: Fuse) -> None:
        self.memory, self.fuse = memory, fuse
        self.error: dict[str, tuple[Exception, int]] = {}
        """Partition to what its reads raise, and how often."""

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        found = self.memory.get(pk, sk)
        self.fuse.burn()
        return found

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        found = self.memory.get_many(keys)
        self.fuse.burn()
        return found

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        self.memory.put(item, expect=expect)
        self.fuse.burn()

    def put_many(self, items: Sequence[Item]) -> None:
        self.memory.put_many(items)
        self.fuse.burn()

    def transact(self, writes: Sequence[Write]) -> None:
        self.memory.transact(writes)
        self.fuse.burn()

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        self.memory.delete(pk, sk, expect=expect)
        self.fuse.burn()

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        self.memory.delete_many(keys)
        self.fuse.burn()

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        added = self.memory.add(pk, sk, amounts, set_to=set_to)
        self.fuse.burn()
        return added

    def query(self, pk: str, **how: Any) -> Page:
        if pk in self.error:
            what, often = self.error.pop(pk)
            if often > 1:
                self.error[pk] = (what, often - 1)
            raise what
        page = self.memory.query(pk, **how)
        self.fuse.burn()
        return page


@dataclass
class Messages:
    """A queue that keeps what was not done, under the id that it was first given."""

    fuse: Fuse
    waiting: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0

    def send_many(self, bodies: Any) -> None:
        for body in bodies:
            self.sent += 1
            self.waiting.append((f"m{self.sent}", body))
        self.fuse.burn()


@dataclass
class Time:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


class Shop16:
    """Customers in sixteen shards, releases to publish, and the two functions of a backfill."""

    def __init__(self, *, budget: int = 1_000) -> None:
        self.fuse = Fuse()
        self.tables = {
            name: FusedTable(MemoryTable(indexes=INDEXES[name]), self.fuse)
            for name in ("customers", "timers", "catalog")
        }
        self.store = CustomerStore(self.tables["customers"])
        self.shop_time, self.real = Time(later(hours=1)), Time(later(hours=1))
        self.releases = Releases(self.tables["catalog"], monotonic=lambda: self.real.at.timestamp())
        self.backfills = BackfillStore(self.tables["catalog"])
        self.messages, self.failures = Messages(self.fuse), Messages(self.fuse)
        self.budget = budget
        self.environment = Environment(
            self.shop_time,
            self.store,
            Timers(self.tables["timers"]),
            self.releases,
            KEYS,
            self.failures,
            MemoryTable(),
            backfilling=Backfilling(self.backfills, self.releases, self.messages, self.real, SETTLE),
        )

    def saved(self) -> Saved:
        return {name: table.memory.items() for name, table in self.tables.items()}, self.real.at, self.shop_time.at

    def restored(self, saved: Saved) -> Shop16:
        """As it was when it was saved, with a new environment."""
        items, self.real.at, self.shop_time.at = saved
        for name, table in self.tables.items():
            table.memory.put_many(items[name])
        return self

    def publish(self, *segments: Mapping[str, Any], **shop: Any) -> int:
        definitions = tuple(SegmentDefinition.model_validate(one) for one in segments)
        return self.releases.publish(Release(0, Shop(name="Test", **shop), definitions)).number

    def send(self, *events: Event, under: Release | None = None) -> None:
        """Stored and folded; ``under``: by an environment that believes this release."""
        release = under or self.releases.current(refresh=True)
        for one in events:
            self.tables["customers"].put(event_item(one, KEYS))
        Segmentation(self.store, self.environment.timers, KEYS, release).fold(batches(events), self.shop_time.at)

    def customers(self, count: int) -> None:
        """Every third has one order, every fifth two; some come with a browser of theirs."""
        for number in range(count):
            who = [f"user:u{number}", *([f"anonymous:a{number}"] if number % 4 == 0 else [])]
            orders = (number % 3 == 0) + (number % 5 == 0)
            self.send(event("Product Viewed", who, id=f"v{number}", trusted=True, product_id="p"))
            for place in range(orders):
                self.send(
                    event(
                        "Order Completed", who, at=later(minutes=-place), id=f"o{number}-{place}", trusted=True,
                        order_id=f"{number}-{place}", total=10,
                    )
                )  # fmt: skip

    def tick(self, *, seconds: int = 60) -> None:
        self.real.at += timedelta(seconds=seconds)
        self.shop_time.at += timedelta(seconds=seconds)
        context = SimpleNamespace(aws_request_id="tick", get_remaining_time_in_millis=lambda: 55_000)
        on_due.respond(context, self.environment)

    def read_one(self, place: int = 0) -> bool:
        """Hands one message to the reader; whether it is done with. A crash leaves it in the queue."""
        name, body = self.messages.waiting[place]
        left = [self.budget]

        def remaining() -> int:
            left[0] -= 1
            return 100_000 if left[0] >= 0 else 0

        record = {"messageId": name, "body": body}
        context = SimpleNamespace(get_remaining_time_in_millis=remaining)
        answer = on_queue.respond({"Records": [record]}, context, self.environment)
        if answer["batchItemFailures"]:
            return False
        self.messages.waiting.remove((name, body))
        return True

    def pump(self, *, minutes: int = 5) -> None:
        """Ticks and messages for some minutes; whatever crashes comes again."""
        for _ in range(minutes):
            self._through(self.tick)
            while self.messages.waiting:
                self._through(self.read_one)

    def pump_one_crash(self) -> None:
        """One message, whose reader dies."""
        try:
            self.read_one()
        except Crash:
            return
        raise AssertionError("the fuse was too long")

    @staticmethod
    def _through(call: Any) -> None:
        try:
            call()
        except Crash:
            return

    def progress(self) -> Progress:
        found = progress(self.backfills.read(), self.releases.current(refresh=True), SHARDS)
        assert found is not None
        return found

    def live(self) -> list[str]:
        items = self.tables["customers"].memory.items()
        return [item["pk"] for item in items if item["sk"] == "customer" and item["state"] == "live"]

    def check(self, release: int) -> None:
        """Every live customer stands under ``release``, and is listed in what holds for it, nowhere else."""
        current = self.releases.current(refresh=True)
        listed: dict[str, set[str]] = {}
        for item in self.tables["customers"].memory.items():
            if item["sk"].startswith("member#"):
                listed.setdefault(item["pk"], set()).add(item["sk"].removeprefix("member#"))
        for root in self.live():
            tree = load_tree(self.store, root)
            customer = tree.control.customer
            assert customer is not None
            assert customer.release >= release
            found = memberships(current.segments, tree.profile(), current.shop, self.shop_time.at, {})
            assert set(customer.segments) == set(found.segments) == listed.pop(root, set())
        assert listed == {}

    def given_up(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _name, body in self.failures.waiting]
