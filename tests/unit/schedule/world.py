"""A small world for schedule: tables in memory, facts folded on the spot, and a notify that sends what reaches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from msgspec.structs import replace

from functions.schedule.due_timers import DueTimers
from functions.schedule.fire_timer import Tally, TimerFirer
from functions.schedule.service import Scheduling
from functions.schedule.timer_batches import TimerBatch
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.evidence import ConditionContext, Rules
from shared.domain.journeys.exit_rule import stopped
from shared.domain.journeys.start import asks_event
from shared.domain.messages.lifecycle import Claim
from shared.domain.messages.message import Deferred, Outcome, Sent, Skipped
from shared.domain.messages.request import Channel, SendRequest
from shared.domain.profile.customer_item import Customer
from shared.domain.time.local_time import next_local, next_permitted, zone_of
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.event_items import event_item
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.timers import Timers

KEYS = IdentifierKeys(b"k" * 32)
CART_RECOVERY = JourneyDefinition.model_validate(
    yaml.safe_load(Path("definitions/journeys/cart-recovery.yaml").read_text("utf-8"))
)
EVERYWHERE = frozenset({"push", "sms", "email"})


class ListQueue:
    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)


@dataclass(frozen=True)
class Delivery:
    step: str
    channel: str
    at: datetime
    id: str


@dataclass
class World:
    """One customer ``user:1``. ``reachable`` are the channels that have an address and consent."""

    shop: Shop = field(default_factory=lambda: Shop(name="Kervan"))
    journeys: tuple[JourneyDefinition, ...] = (CART_RECOVERY,)
    reachable: frozenset[str] = EVERYWHERE
    now: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    per_local_day: int | None = None
    """How many commercial messages a local day may have."""

    def __post_init__(self) -> None:
        self.customers, self.timer_table, self.messages, self.catalog = (
            MemoryTable(indexes=INDEXES[name]) for name in ("customers", "timers", "messages", "catalog")
        )
        self.store, self.timers, self.ledger = (
            CustomerStore(self.customers), Timers(self.timer_table), Ledger(self.messages),
        )  # fmt: skip
        self.releases, self.controls = Releases(self.catalog), JourneyControls(self.catalog, monotonic=_always_later())
        self.queues: dict[Channel, ListQueue] = {"email": ListQueue(), "sms": ListQueue(), "push": ListQueue()}
        self.failures = ListQueue()
        self.scheduling = Scheduling(self.store, self.timers, self.ledger, self.releases, self.controls)
        self.firer = TimerFirer(
            self.scheduling,
            self.timers,
            ControlStore(self.catalog),
            self.queues,
            self.failures,
        )
        self.work = ListQueue()
        self.ticking = DueTimers(self.timers, self.firer, self.work)
        self.release = self.releases.publish(Release(0, self.shop, journeys=self.journeys))
        self.key = KEYS(parse_identifier("user:1"))
        self.deliveries: list[Delivery] = []
        self.handed: list[SendRequest] = []
        self.caps_until: datetime | None = None
        self._number = 0

    # Events: what segmentation would do with them.

    def event(self, name: str, at: datetime, key: str | None = None, **properties: Any) -> None:
        """Happens now: folded, written to ``customer``, and told to schedule."""
        self.now = max(self.now, at)
        self._number += 1
        event = Event(
            type=EventType.TRACK, name=name, message_id=f"m{self._number}", time=at, received_at=at, source="test",
            channel=properties.pop("channel", "web"), trusted=True, identifiers=(parse_identifier("user:1"),),
            properties=properties,
        )  # fmt: skip
        self.fold(event)

    def fold(self, event: Event) -> None:
        if any(asks_event(journey) for journey in self.journeys):
            self.store.put_events([event_item(event, KEYS)])
        control = self.store.control(self.key)
        held = control.facts or StoredFacts(Facts(), 0, 1)
        facts = fold(held.facts, [event], self.release.features)
        self.store.put_facts(self.key, StoredFacts(facts, held.version + 1, 1), previous=held.version)
        old = control.customer
        cart = self.scheduling.customer_enrollments(self.key).profile.cart
        new = Customer(
            version=(old.version if old else 0) + 1,
            cart_at=milliseconds(cart.updated_at) if cart.updated_at else None,
            cart_count=cart.count,
            segments=old.segments if old else {},
            events=((event.name, self.key, event.sort_key, milliseconds(event.time)),),
        )
        self.store.put_customer(self.key, new, previous=old.version if old else 0)
        self.change = (old, new)
        self.tell()

    def flip(self, at: datetime, *, entered: str = "", left: str = "", backfilled: bool = False) -> None:
        """A membership changes with time alone, as segmentation writes it."""
        self.now = max(self.now, at)
        old = self.store.control(self.key).customer or Customer()
        segments = {name: since for name, since in old.segments.items() if name != left}
        new = replace(
            old.bumped(),
            segments={**segments, **({entered: milliseconds(at)} if entered else {})},
            entered=(entered,) if entered else (),
            left=(left,) if left else (),
            backfilled=tuple(name for name in (entered, left) if name) if backfilled else (),
        )
        self.store.put_customer(self.key, new, previous=old.version)
        self.change = (old, new)
        self.tell()

    def tell(self) -> None:
        """Delivers the newest change of ``customer``; as often as it is called."""
        self.scheduling.customer_changed(self.key, *self.change, self.now)

    def add(self, at: datetime, product: str = "p1") -> None:
        self.event("Product Added", at, product_id=product, quantity=1)

    def remove(self, at: datetime, product: str = "p1") -> None:
        self.event("Product Removed", at, product_id=product)

    def order(self, at: datetime, *products: str, order_id: str = "o1") -> None:
        bought = [{"product_id": product, "quantity": 1} for product in products]
        self.event("Order Completed", at, channel="store", order_id=order_id, products=bought or [{"product_id": "z"}])

    # Time.

    def next_due(self) -> datetime | None:
        items = [item for partition in self.timer_table._items.values() for item in partition.values()]
        dues = [item["sk"].partition("#")[0] for item in items if item["pk"] != "lease"]
        return datetime.fromisoformat(min(dues)).astimezone(UTC) if dues else None

    def tick(self) -> Tally:
        tally = self.ticking.drain(self.now, owner="w", until=self.now + timedelta(minutes=1), time_left=lambda: True)
        bodies, self.work.bodies = self.work.bodies, []
        for body in bodies:
            self.firer.fire(TimerBatch.model_validate_json(body).read(), self.now, tally)
        self.notify()
        return tally

    def until(self, moment: datetime) -> None:
        """Time passes through every due moment before ``moment``."""
        for _ in range(1000):
            due = self.next_due()
            if due is None or due >= moment:
                self.now = max(self.now, moment)
                return
            self.now = max(self.now, due)
            self.tick()
        raise AssertionError("timers never end")

    # Notify, much simplified: the next channel at once if this one does not reach; deferral; the exit rule again.

    def notify(self) -> None:
        while any(queue.bodies for queue in self.queues.values()):
            for queue in self.queues.values():
                bodies, queue.bodies = queue.bodies, []
                for body in bodies:
                    self.send(SendRequest.model_validate_json(body))

    def send(self, request: SendRequest) -> None:
        self.handed.append(request)
        claimed = self.ledger.begin(request, self.scheduling.customer_enrollments(request.home).tree.root, self.now)
        if not isinstance(claimed, Claim):
            return
        outcome = self.decide(request)
        if isinstance(outcome, Sent):
            self.ledger.calling(claimed.record, self.now)
            self.deliveries.append(Delivery(request.step, request.channel, self.now, request.message_id))
        called = self.ledger.get(request.message_id)
        assert called is not None
        self.ledger.settle(called, outcome, self.now)
        if isinstance(outcome, Deferred):
            self.timers.arm("journey", outcome.until, request.home, f"{request.journey}#{request.enrollment}")
        following = request.for_next_channel()
        if isinstance(outcome, Skipped) and outcome.reason == "no_address" and following is not None:
            self.send(following)

    def decide(self, request: SendRequest) -> Outcome:
        profile = self.scheduling.customer_enrollments(request.home).profile
        journey = self.release.journey(request.journey)
        assert journey is not None
        if request.channel not in self.reachable:
            return Skipped("no_address")
        if self.now >= request.fresh_until:
            return Skipped("stale")
        if self.caps_until is not None and self.now < self.caps_until:
            return (
                Deferred(self.caps_until, "daily_cap")
                if self.caps_until < request.fresh_until
                else Skipped("daily_cap")
            )
        zone = zone_of(profile, self.shop, self.now)
        today = [one for one in self.deliveries if one.at.astimezone(zone).date() == self.now.astimezone(zone).date()]
        if request.commercial and self.per_local_day is not None and len(today) >= self.per_local_day:
            until = next_local(self.now, zone, self.shop.send_hours.start)
            return Deferred(until, "daily_cap") if until < request.fresh_until else Skipped("daily_cap")
        if request.commercial and next_permitted(self.now, zone, self.shop.send_hours) > self.now:
            return Skipped("quiet_hours")
        enrollment = self.scheduling.customer_enrollments(request.home).find(
            request.home, f"{request.journey}#{request.enrollment}"
        )
        if enrollment is not None and enrollment.end is not None and enrollment.end.reason != "completed":
            return Skipped(enrollment.end.reason)
        values = enrollment.trigger.values if enrollment else {}
        at = ConditionContext(profile, Rules.of(self.release), self.now, request.clock, values)
        stop = stopped(journey, at)
        return Skipped(stop.reason) if stop else Sent(self.now)

    # What a test looks at.

    @property
    def enrollments(self) -> list[Enrollment]:
        return sorted(
            self.scheduling.customer_enrollments(self.key).enrollments, key=lambda enrollment: enrollment.order
        )

    @property
    def sent(self) -> list[tuple[str, str, datetime]]:
        return [(delivery.step, delivery.channel, delivery.at) for delivery in self.deliveries]

    def reasons(self) -> dict[tuple[str, str], str]:
        """Step and channel to why it was not sent, as the ledger says."""
        items = [item for partition in self.messages._items.values() for item in partition.values()]
        return {(item["step"], item["channel"]): item["reason"] for item in items if item.get("reason")}


def _always_later() -> Any:
    ticks = itertools.count(0, 1_000)
    return lambda: next(ticks)
