"""A deployment in memory: every function of production, moved by hand through every due moment. Nothing leaves it."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from functions.notify import on_queue
from functions.notify.coupons import Coupons
from functions.notify.environment import Environment as NotifyEnvironment
from functions.notify.follow_up import FollowUp
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.schedule import on_due as schedule_on_due
from functions.schedule import on_queue as schedule_on_queue
from functions.schedule.bought_together import BoughtTogether
from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.due_timers import DueTimers
from functions.schedule.environment import Environment as ScheduleEnvironment
from functions.schedule.fire_timer import TimerFirer
from functions.schedule.service import Scheduling
from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import Change, MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import CUSTOMER, ENROLLMENT, EVENT_PREFIX, IdentifierKeys
from shared.domain.journeys.enrollment import Enrollment, from_item
from shared.domain.messages.message import Record
from shared.domain.messages.request import Channel
from shared.domain.profile.customer_item import read_customer
from shared.ports.sender import Accepted, Answer, Outgoing
from shared.queries.stock_of_now import StockReader
from shared.stores.campaigns import Campaigns
from shared.stores.companions import CompanionStore
from shared.stores.controls import ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import SK, Ledger, read_record
from shared.stores.products import Products
from shared.stores.releases import Releases
from shared.stores.timers import SHARDS, Timers
from simulation.facts_in_memory import FactsInMemory

CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")
SECRET = b"a dry run keeps nothing that this secret would protect"
CODES = 1_000
"""Codes that stand in for the imported ones of a coupon; after so many messages come as many again."""
LEASE = timedelta(minutes=1)
PARSED = 1_000
"""Parsed texts that are kept: more than the ready definitions have, which are about 300."""


@dataclass
class Clock:
    time: datetime

    def now(self) -> datetime:
        return self.time


@dataclass
class MemoryQueue:
    """A queue whose messages are worked on when ``World.settle`` comes to it."""

    bodies: deque[str] = field(default_factory=deque)

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)


@dataclass
class Kept:
    """A sender that keeps what would have gone out."""

    outgoing: dict[str, Outgoing] = field(default_factory=dict)

    def send(self, outgoing: Outgoing) -> Answer:
        self.outgoing[outgoing.message_id] = outgoing
        return Accepted(outgoing.message_id)


class Invocation:
    """One that has all the time it needs."""

    aws_request_id = "dry-run"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@cache
def _renderer() -> LiquidRenderer:
    """Made with the first world and kept: what one parsed, the next does not parse again."""
    return LiquidRenderer(PARSED)


class GivenUp(Exception):
    """A function gave a record up: what production would find in its failure queue."""


class World:
    """``take`` is the log, ``settle`` the streams and queues, ``advance`` time."""

    def __init__(
        self, release: Release, start: datetime, *, products: Products | None = None, stock: StockReader | None = None
    ) -> None:
        """Without ``products`` and ``stock`` messages show products as events told of them."""
        self.clock = Clock(start)
        self.keys = IdentifierKeys(SECRET)
        self._changes: deque[Change] = deque()
        self._customers = MemoryTable(on_change=self._changes.append, sized=False, indexes=INDEXES["customers"])
        self._timers = MemoryTable(on_change=self._timers_changed, sized=False)
        self._messages = MemoryTable(sized=False, indexes=INDEXES["messages"])
        catalog = MemoryTable(sized=False)
        self._due: datetime | None = None
        self._due_known = False
        self.customers = CustomerStore(self._customers, FactsInMemory())
        self.timers = Timers(self._timers)
        self.sent = {channel: Kept() for channel in CHANNELS}
        self.acting = True
        """False while the past is folded only: nothing begins and nothing ends."""
        self.not_begun: Counter[tuple[str, str]] = Counter()
        """By journey and reason, how often something triggered it and it did not begin."""
        releases = Releases(catalog, monotonic=lambda: 0.0)
        self.release = releases.publish(release)
        self._queues = {channel: MemoryQueue() for channel in CHANNELS}
        self._failures = MemoryQueue()
        ledger, controls, journeys = Ledger(self._messages), ControlStore(catalog), JourneyControls(catalog)
        self._segmentation = Segmentation(self.customers, self.timers, self.keys, self.release)
        self._scheduling = Scheduling(
            self.customers,
            self.timers,
            ledger,
            releases,
            journeys,
            told=lambda journey, reason: self.not_begun.update([(journey, reason)]),
        )
        self._work = MemoryQueue()
        campaigns = Campaigns(catalog)
        walking = CampaignTimers(campaigns, self.customers, releases, self.timers, self._queues, self._work)
        firer = TimerFirer(self._scheduling, self.timers, controls, self._queues, self._failures, walking)
        self._schedule = ScheduleEnvironment(
            clock=self.clock,
            scheduling=self._scheduling,
            timers=self.timers,
            firer=firer,
            tick=DueTimers(self.timers, firer, self._work),
            failures=self._failures,
        )
        companions = CompanionStore(catalog)
        self._together = BoughtTogether(self.customers, companions)
        contexts = SendContextReader(
            customers=self.customers,
            releases=releases,
            controls=controls,
            journeys=journeys,
            keys=self.keys,
            phone=phone_reader,
            tokens=RecipientTokens(SECRET),
            public_url="https://dry-run.invalid",
            companions=companions,
            ledger=ledger,
            products=products,
            stock=stock,
        )
        self._codes = CouponCodes(self._messages, random.Random(1).randrange)  # noqa: S311  nobody is given these
        self._delivered = 0
        follow_up = FollowUp(self.customers, self.timers, self._queues, self.keys)
        self._notify = {
            channel: NotifyEnvironment(
                channel,
                self.clock,
                Notifying(
                    ledger=ledger,
                    contexts=contexts,
                    follow_up=follow_up,
                    render=_renderer(),
                    sender=self.sent[channel],
                    coupons=Coupons(self._codes, ledger),
                ),
                lambda: campaigns,
            )
            for channel in CHANNELS
        }

    def put(self, items: Sequence[Mapping[str, object]]) -> None:
        """Events and consents, as ingest stores them."""
        self._customers.put_many([dict(item) for item in items])

    def settle(self) -> None:
        """Returns when nothing is unfolded or queued any more.

        Raises
        ------
        GivenUp
            If a function gave something up.
        """
        while self._changes or self._work.bodies or any(queue.bodies for queue in self._queues.values()):
            self._fold()
            self._work_off_packs()
            for channel in CHANNELS:
                self._deliver(channel)
        if self._failures.bodies:
            raise GivenUp(self._failures.bodies[0])

    def advance(self, until: datetime, tell: Callable[[datetime], None] = lambda _due: None) -> None:
        """Through every due moment in order; the time is ``until`` afterwards."""
        self.settle()
        while (due := self._next_due()) is not None and due <= until:
            self.clock.time = max(self.clock.time, due)
            tell(self.clock.time)
            self._tick()
            self.settle()
        self.clock.time = max(self.clock.time, until)

    def records(self) -> list[Record]:
        """The ledger: what was sent, and what was not and why; in the order of the decisions."""
        found = [read_record(item) for item in self._messages.items() if item["sk"] == SK]
        return sorted(found, key=lambda record: (record.decided_at, record.message_id))

    def people(self) -> int:
        """Customers: people, not identifiers."""
        items = self._customers.items()
        return sum(item["sk"] == CUSTOMER and read_customer(item).state == "live" for item in items)

    def enrollments(self) -> list[Enrollment]:
        """Every enrollment that began, live or ended."""
        return [from_item(item) for item in self._customers.items() if item["sk"].startswith(ENROLLMENT)]

    def _fold(self) -> None:
        waiting = list(self._changes)
        self._changes.clear()
        batches: dict[str, Batch] = {}
        for old, new in waiting:
            if new is None:
                continue
            if old is None and new["sk"].startswith(EVENT_PREFIX):
                batches.setdefault(new["pk"], Batch(new["pk"])).events.append(read_event(new))
            elif new["sk"] == CUSTOMER:
                customer = read_customer(new)
                self._together.customer_changed(customer)
                if not self.acting:
                    continue
                before = None if old is None else read_customer(old)
                self._scheduling.customer_changed(new["pk"], before, customer, self.clock.time)
        if batches:
            self._segmentation.fold(batches.values(), self.clock.time)

    def _deliver(self, channel: Channel) -> None:
        queue = self._queues[channel]
        while queue.bodies:
            self._stock()
            record = {"messageId": "0", "body": queue.bodies.popleft()}
            if on_queue.work({"Records": [record]}, lambda: self._notify[channel])["batchItemFailures"]:
                self._failures.send_many([record["body"]])

    def _stock(self) -> None:
        """A message takes one code at the most: so there is always one, however many customers the story has."""
        if self._delivered % CODES == 0:
            new = range(self._delivered, self._delivered + CODES)
            for coupon in self.release.coupons:
                if coupon.made is None:
                    self._codes.add(coupon.coupon, (f"{coupon.coupon}-{place:05d}" for place in new))
        self._delivered += 1

    def _tick(self) -> None:
        now = self.clock.time
        for page in self.timers.drain("flip", now, owner="dry-run", until=now + LEASE):
            for timer in page:
                self._segmentation.flip(timer.home, timer.due, now)
                self.timers.delete(timer)
        schedule_on_due.respond(Invocation(), self._schedule)

    def _work_off_packs(self) -> None:
        while self._work.bodies:
            record = {"messageId": "0", "body": self._work.bodies.popleft()}
            event = {"Records": [record]}
            if schedule_on_queue.respond(event, Invocation(), lambda: self._schedule)["batchItemFailures"]:
                self._failures.send_many([record["body"]])

    def _timers_changed(self, _change: Change) -> None:
        self._due_known = False

    def _next_due(self) -> datetime | None:
        if not self._due_known:
            self._due, self._due_known = self._first_due(), True
        return self._due

    def _first_due(self) -> datetime | None:
        keys = (self._timers.first(f"{kind}#{shard}") for kind in ("flip", "journey") for shard in range(SHARDS))
        return min((datetime.fromisoformat(key.split("#")[0]) for key in keys if key is not None), default=None)
