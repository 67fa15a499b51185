"""A shop in memory that sends campaigns: the API, the tick, the workers of both queues, a sender that keeps its mail.

Time stands still until a test moves it; ``settle`` empties the queues, ``until`` goes through every due moment.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from functions.notify import on_queue as notify_on_queue
from functions.notify.environment import Environment as NotifyEnvironment
from functions.schedule import on_queue
from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.due_timers import DueTimers
from functions.schedule.environment import Environment as ScheduleEnvironment
from functions.schedule.fire_timer import Tally, TimerFirer
from functions.schedule.service import Scheduling
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import shard_of, time_text
from shared.domain.messages.request import Channel
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.templates.definition import Template
from shared.ports.sender import Answer, Outgoing
from shared.stores.campaigns import Campaigns
from shared.stores.consent_items import consent_items
from shared.stores.controls import ControlStore
from shared.stores.customers import SHARDS, CustomerStore, StoredFacts
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.timers import Timers
from tests.support.world import KEYS
from tests.unit.ingest.world import ADMIN_KEY, http_event
from tests.unit.ingest.world import World as Ingest
from tests.unit.notify.world import SHOP, FakeSender, Shopping

START = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Istanbul."""
SEGMENT = SegmentDefinition.model_validate({"segment": "high-value", "who": {"orders": {"at_least": 1}}})
TEMPLATE = Template.model_validate(
    {
        "template": "spring",
        "purpose": "marketing",
        "action": {"text": {"tr": "Bak", "en": "Look"}, "url": "https://www.kervan.example/spring"},
        "subject": {"tr": "Bahar", "en": "Spring"},
        "html": {
            "tr": "<p>Bahar <a href='{{ action.url }}'>Bak</a> {{ unsubscribe.url }}</p>",
            "en": "<p>Spring <a href='{{ action.url }}'>Look</a> {{ unsubscribe.url }}</p>",
        },
        "sms": {"tr": "Bahar indirimi", "en": "Spring sale"},
    }
)
SALE: dict[str, Any] = {
    "campaign": "spring-sale", "segment": "high-value", "send": "spring", "purpose": "marketing", "channels": ["email"],
    "at": "2026-11-24T10:30",
}  # fmt: skip


@dataclass
class PlainQueue:
    bodies: list[str] = field(default_factory=list)

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)


@dataclass
class Sender:
    """Yes to everything; keeps to whom and when."""

    shop: Store
    sent: list[tuple[str, datetime]] = field(default_factory=list)
    fake: FakeSender = field(default_factory=FakeSender)

    def send(self, outgoing: Outgoing) -> Answer:
        self.sent.append((outgoing.address.to, self.shop.clock.time))
        return self.fake.send(outgoing)


class Store:
    """``people(n)`` are members with an e-mail address and consent."""

    def __init__(self) -> None:
        self.ingest = Ingest()
        self.clock = self.ingest.clock
        self.clock.time = START
        self.catalog, self.customers = self.ingest.catalog, self.ingest.customers
        self.ingest.keys = KEYS
        object.__setattr__(self.ingest.environment, "keys", KEYS)
        object.__setattr__(self.ingest.admin, "keys", KEYS)
        self.store, self.timers = CustomerStore(self.customers), Timers(self.ingest.timers)
        self.ledger, self.campaigns = Ledger(self.ingest.messages), Campaigns(self.catalog)
        self.releases = Releases(self.catalog)
        self.release = self.releases.publish(Release(0, SHOP, segments=(SEGMENT,), templates=(TEMPLATE,)))
        self.queues: dict[Channel, PlainQueue] = {"email": PlainQueue(), "sms": PlainQueue(), "push": PlainQueue()}
        self.work, self.failures = PlainQueue(), PlainQueue()
        self.sender = Sender(self)
        scheduling = Scheduling(self.store, self.timers, self.ledger, self.releases, self._controls())
        self.campaign_timers = CampaignTimers(
            self.campaigns, self.store, self.releases, self.timers, self.queues, self.work
        )
        firer = TimerFirer(
            scheduling, self.timers, ControlStore(self.catalog), self.queues, self.failures, self.campaign_timers
        )
        tick = DueTimers(self.timers, firer, self.work)
        self.schedule = ScheduleEnvironment(self.clock, scheduling, self.timers, firer, tick, self.failures)
        self.notify = {"email": self._notify("email")}
        self.unreadable: set[str] = set()

    def _controls(self) -> JourneyControls:
        """Read anew each time."""
        return JourneyControls(self.catalog, monotonic=iter(range(0, 10**9, 10)).__next__)

    def _notify(self, channel: Channel) -> NotifyEnvironment:
        """Notify as its own tests compose it, over the tables of this shop."""
        shopping = Shopping()
        shopping.customers, shopping.messages = self.customers, self.ingest.messages
        shopping.timers, shopping.catalog = self.ingest.timers, self.catalog
        shopping.queues, shopping.sender = cast("Any", self.queues), cast("Any", self.sender)
        notifying = shopping.notifying(sender=self.sender)
        object.__setattr__(
            notifying.contexts,
            "journeys",
            JourneyControls(self.catalog, monotonic=iter(range(0, 10**9, 10)).__next__),
        )
        return NotifyEnvironment(channel, self.clock, notifying, lambda: self.campaigns)

    # People.

    def people(self, count: int, *, first: int = 0, zone: str = "", email: str = "") -> list[str]:
        return [self.person(n, zone=zone, email=email or f"p{n}@example.com") for n in range(first, first + count)]

    def person(self, number: int, *, email: str, zone: str = "", consent: bool = True) -> str:
        who = parse_identifier(f"user:p{number}")
        key = KEYS(who)
        before = START - timedelta(days=30)
        traits = {"email": email, "first_name": "Ayşe", "language": "tr", **({"time_zone": zone} if zone else {})}
        event = Event(
            type=EventType.IDENTIFY, name="Identified", message_id=f"m{number}", time=before, received_at=before,
            source="server", channel="server", trusted=True, identifiers=(who,), traits=traits,
        )  # fmt: skip
        self.store.put_facts(key, StoredFacts(fold(Facts(), [event], features({})), 1, 1), previous=0)
        self.store.put_member(key, "high-value", time_text(before + timedelta(seconds=number)))
        if consent:
            for channel in ("email", "sms"):
                said = Consent(channel, "marketing", True, before, before, True, "web", f"c{number}-{channel}", "")
                self.customers.put_many(consent_items(ConsentRecord((key,), said), trusted=True))
        return key

    # The API.

    def ask(self, method: str, *path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        return self.ingest.send(http_event(method, "/".join(("", "v1", "campaigns", *path)), body, headers))

    def plan(self, **changes: Any) -> Any:
        status, answer = self.ask("POST", body={"definition": SALE | changes})
        assert status == 201, answer
        return answer

    def shown(self, name: str = "spring-sale") -> Any:
        status, answer = self.ask("GET", name)
        assert status == 200, answer
        return answer

    # Time.

    def tick(self) -> Tally:
        now = self.clock.time
        return self.schedule.tick.drain(now, owner="t", until=now + timedelta(minutes=1), time_left=lambda: True)

    def worker(self, bodies: Sequence[str]) -> list[str]:
        """What the worker of due timers gives back."""
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
        records = [{"messageId": body, "body": body} for body in bodies]
        answer = on_queue.respond({"Records": records}, context, lambda: self.schedule)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def deliver(self, channel: Channel, bodies: Sequence[str]) -> None:
        records = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
        answer = notify_on_queue.work({"Records": records}, lambda: self.notify[channel])
        back = [bodies[int(failure["itemIdentifier"])] for failure in answer["batchItemFailures"]]
        assert all(json.loads(body)["home"] in self.unreadable for body in back)

    def settle(self) -> None:
        """Until the queues are empty."""
        while self.work.bodies or any(queue.bodies for queue in self.queues.values()):
            bodies, self.work.bodies = self.work.bodies, []
            assert self.worker(bodies) == []
            for channel, queue in self.queues.items():
                held, queue.bodies = queue.bodies, []
                if held:
                    self.deliver(channel, held)

    def next_due(self) -> datetime | None:
        dues = [item["sk"].partition("#")[0] for item in self.ingest.timers.items() if item["pk"] != "lease"]
        return datetime.fromisoformat(min(dues)) if dues else None

    def until(self, moment: datetime, *, settle: bool = True) -> None:
        """Every due moment before ``moment``, in order."""
        for _ in range(2_000):
            due = self.next_due()
            if due is None or due >= moment:
                self.clock.time = max(self.clock.time, moment)
                return
            self.clock.time = max(self.clock.time, due)
            self.tick()
            if settle:
                self.settle()
        raise AssertionError("timers never end")

    @property
    def addresses(self) -> list[str]:
        return [to for to, _ in self.sender.sent]

    def reasons(self) -> list[str]:
        return sorted(item["reason"] for item in self.ingest.messages.items() if item.get("reason"))


def local(hours: float, minutes: float = 0) -> datetime:
    """This time of the first day, in Istanbul."""
    return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours - 3, minutes=minutes)


def numbers_in(shard: int, count: int) -> list[int]:
    """The first so many people who lie in this shard of the segment's index."""
    found = (n for n in itertools.count() if shard_of(KEYS(parse_identifier(f"user:p{n}")), SHARDS) == shard)
    return list(itertools.islice(found, count))


def requests(queue: PlainQueue) -> list[Any]:
    return [json.loads(body) for body in queue.bodies]
