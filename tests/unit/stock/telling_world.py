"""Stock, segment and the worker that tells people, on tables in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from functions.segment.service import Segmentation
from functions.stock.environment import Tables, composed
from functions.stock.on_due import respond as on_due
from functions.stock.on_queue import respond as on_queue
from functions.stock.tell_people import PAUSE
from functions.stock.telling_environment import TellingEnvironment, telling_on
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.interests.announcement import EVENTS
from shared.domain.journeys.definition import JourneyDefinition
from shared.ports import Table
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item, read_event
from shared.stores.interests import Interests
from shared.stores.releases import Releases
from tests.support.backfills import Fuse, FusedTable
from tests.support.interleaving import Crash
from tests.support.world import KEYS, Rules, Timers, batches
from tests.unit.ingest.world import ListQueue
from tests.unit.stock.stock_world import Invoked, StockWorld

STEP = {"id": "say", "at": "0h", "fresh_for": "24h", "send": "t", "purpose": "marketing", "channels": ["email"]}
LOW = 3


class FusedQueue(ListQueue):
    """A queue whose calls burn the fuse of the tables."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse

    def send_many(self, bodies: Any) -> None:
        super().send_many(list(bodies))
        self.fuse.burn()

    def send_later(self, body: str, delay: timedelta) -> None:
        super().send_later(body, delay)
        self.fuse.burn()


class TellingWorld(StockWorld):
    """``send`` is what customers do, ``count`` what the shop counts, ``minute`` the functions of a minute."""

    def __init__(self, asked: Sequence[str] = tuple(EVENTS.values())) -> None:
        super().__init__()
        self.fuse = Fuse()
        journeys = [
            JourneyDefinition.model_validate({"journey": f"j{place}", "start": {"event": name}, "steps": [STEP]})
            for place, name in enumerate(asked)
        ]
        shop = Shop(name="Test", low_stock=LOW)
        self.release = Releases(self.catalog).publish(Release(0, shop, journeys=tuple(journeys)))
        tables = (self.table, self.catalog, self.products, self.timers, self.interests, self.customers)
        fused = [cast("Table", FusedTable(table, self.fuse)) for table in tables]
        stock, _, products, _, interests, customers = fused
        elapsed = lambda: self.clock.time.timestamp()  # noqa: E731 - the clock of the test stands for both
        self.queue = FusedQueue(self.fuse)
        self.environment = composed(
            Tables(*fused[:5]),
            clock=self.clock,
            people=lambda: self.people,
            queue=lambda: self.queue,
            elapsed=elapsed,
            pause=lambda _attempt: None,
        )
        telling = telling_on(
            customers=customers,
            interests=interests,
            stock=stock,
            products=products,
            release=lambda: self.release,
            elapsed=elapsed,
        )
        self.worker = TellingEnvironment(self.clock, telling, self.queue, PAUSE)

    def send(self, *events: Event) -> None:
        """Into the log, and folded with the index."""
        self.customers.put_many([event_item(one, KEYS) for one in events])
        self.fold(events)

    def fold(self, events: Sequence[Event]) -> None:
        store = CustomerStore(self.customers)
        segmentation = Segmentation(store, Timers(), KEYS, Rules(), interests=Interests(self.interests))
        segmentation.fold(batches(events), self.clock.now())

    def count(self, sku: str, quantity: int, location: str = "web") -> None:
        """What lies there, by a request of its own; sent again if the function died."""
        key = f"count-{len(self.table.items())}-{self.clock.now().isoformat()}"
        body = {"key": key, "kind": "count", "sku": sku, "location": location, "quantity": quantity}
        status, _ = self.through(lambda: self.post("/v1/stock/movements", body))
        assert status == 200

    def price(self, sku: str, price: str, **more: Any) -> None:
        product = {"name": sku, "price": price, "currency": "TRY", **more}
        status, _ = self.through(lambda: self.ask("PUT", f"/v1/products/{sku}", product))
        assert status == 200

    def minute(self, by: timedelta = timedelta(minutes=2)) -> None:
        """Time passes, timers fire; the queue is left alone. After a crash a tick comes when the lease is over."""
        self.clock.advance(by)
        while True:
            try:
                on_due(Invoked(), self.environment)
            except Crash:
                self.clock.advance(timedelta(minutes=2))
            else:
                return

    def work(self, *, twice: bool = False, left: Callable[[], int] = lambda: 60_000) -> int:
        """Whatever waits in the queue, until nothing does; with ``twice`` each message comes a second time."""
        worked = 0
        while self.queue.bodies or self.queue.later:
            bodies = [*self.queue.bodies, *(body for body, _ in self.queue.later)]
            self.queue.bodies, self.queue.later = [], []
            for body in bodies:
                for _ in range(1 + twice):
                    worked += 1
                    before = list(self.queue.bodies), list(self.queue.later)
                    self.through(lambda body=body: self._read(body, left))  # type: ignore[misc]
                    if twice and _ == 0:
                        self.queue.bodies, self.queue.later = before
        return worked

    def _read(self, body: str, left: Callable[[], int]) -> None:
        context = Invoked()
        context.get_remaining_time_in_millis = left  # type: ignore[method-assign]
        answer = on_queue({"Records": [{"messageId": "m", "body": body}]}, context, self.worker)
        if answer["batchItemFailures"]:
            raise Crash

    @staticmethod
    def through(call: Callable[[], Any]) -> Any:
        """The result; whoever dies comes again."""
        while True:
            try:
                return call()
            except Crash:
                continue

    def tree(self, key: str) -> Tree:
        return load_tree(CustomerStore(self.customers), key)

    def trees(self) -> dict[str, Tree]:
        """By root."""
        found = (self.tree(pk) for pk in {item["pk"] for item in self.customers.items()})
        return {tree.root: tree for tree in found}

    def told(self, about: str = "back") -> dict[str, list[Event]]:
        """By the key of the identifier whose log says so, what people were told."""
        found: dict[str, list[Event]] = {}
        for item in self.customers.items():
            if item["sk"].startswith("t#") and item.get("name") == EVENTS[about]:  # type: ignore[index]
                found.setdefault(item["pk"], []).append(read_event(item))
        return found

    def names(self, about: str = "back") -> list[str]:
        """Who was told, by name."""
        return sorted(str(one.owner) for events in self.told(about).values() for one in events)


def at(world: TellingWorld, **by: float) -> datetime:
    return world.clock.now() + timedelta(**by)
