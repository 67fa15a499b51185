"""Taking events, folding them, memberships that change with time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from benchmarks.deployment import KEYS, NOW, PUBLIC, SERVER, Clock, Door, ready_definitions, request, stream_event
from benchmarks.fault_matrix.lake import FaultyLake
from benchmarks.fault_matrix.world import Items, World
from functions.ingest import api
from functions.ingest.service import Intake
from functions.segment import on_due, on_events
from functions.segment.consent_changes import ConsentChanges
from functions.segment.environment import Environment
from shared.adapters.memory import Change, MemoryTable
from shared.adapters.memory_lake import MemoryLake
from shared.adapters.phones import phone_reader
from shared.domain.events.event import Source
from shared.domain.identity.keys import EVENT_PREFIX
from shared.http.always_answer import always_answer
from shared.stores.customers import CustomerStore
from shared.stores.interests import Interests
from shared.stores.lake_rows import LakeRows
from shared.stores.releases import Releases
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources, add_source
from shared.stores.timers import Timers
from shared.stores.withdrawal_pointers import Pointers

NEWS = ("events", "entered", "entered_at", "left", "left_at")
"""Of an item ``customer``: what its last write told, which the stream carries to schedule."""
USER, DEVICE = "ayse", "ayse-browser"


class Invoked:
    """An invocation with a minute left."""

    aws_request_id = "tick"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def batch(at: datetime) -> list[dict[str, Any]]:
    """What a shop reports: an address, a consent, views on a device that nobody knew, a sign-in, a cart."""
    product = {"product_id": "p1", "name": "Keten gömlek", "price": 899.9, "currency": "TRY", "quantity": 1}
    agreed = {"channel": "email", "purpose": "marketing", "source": "HS_WEB", "text_version": "2026-01"}
    traits = {"email": "ayse@example.com", "first_name": "Ayşe", "city": "İstanbul"}
    said: Sequence[dict[str, Any]] = (
        {"type": "identify", "userId": USER, "traits": traits},
        {"type": "track", "event": "Consent Granted", "userId": USER, "properties": agreed},
        {"type": "track", "event": "Product Viewed", "anonymousId": DEVICE, "properties": product},
        {"type": "identify", "anonymousId": DEVICE, "userId": USER},
        {"type": "track", "event": "Product Added", "anonymousId": DEVICE, "properties": product},
    )
    return [
        {**one, "messageId": f"m{place}", "timestamp": (at + timedelta(seconds=place)).isoformat()}
        for place, one in enumerate(said)
    ]


class Post(World):
    """A request with events, which the sender sends again until it is taken. ``passed``: time since the first."""

    function = "ingest-api"
    again = "the sender, after 503"
    tables = ("customers", "catalog", "metrics")
    key: ClassVar[str] = PUBLIC

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.passed = timedelta(0)

    def messages(self) -> Sequence[dict[str, Any]]:
        raise NotImplementedError

    def compose(self) -> Door:
        clock = Clock()
        return Door(
            clock=clock,
            sources=Sources(self.at["catalog"], clock.seconds),
            intake=Intake(self.at["customers"], KEYS, phone_reader("TR"), Pointers(self.at["metrics"])),
            counters=SourceCounters(self.at["metrics"], clock.seconds),
        )

    def attempt(self, composed: Any) -> bool:
        messages = self.messages()
        composed.clock.time = NOW + self.passed
        body = {"batch": messages, "sentAt": composed.clock.time.isoformat()}
        asked = request("/v1/batch", body, self.key)
        answer = always_answer(asked, lambda one: api.route(one, lambda: composed), api.log)
        if answer["statusCode"] == 503:
            assert answer["headers"]["retry-after"], "the sender is not told when to come again"
            return False
        said = json.loads(answer["body"])
        assert (answer["statusCode"], said.get("accepted")) == (200, len(messages)), said
        return True


class TakeEvents(Post):
    title = "A batch of five events of a person is taken"
    key = SERVER

    def messages(self) -> Sequence[dict[str, Any]]:
        return batch(NOW - timedelta(minutes=1))


class Segmenting(World):
    """Segment's environment."""

    tables = ("customers", "timers", "catalog", "metrics", "interests")
    queues = ("failures", "iys", "audiences")
    hours = 0.0

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.lake = MemoryLake()
        self.changes: list[Change] = []
        self.memory["customers"].on_change = self.changes.append

    def compose(self) -> Environment:
        clock = Clock()
        clock.time = NOW + timedelta(hours=self.hours)
        return Environment(
            clock=clock,
            store=CustomerStore(self.at["customers"]),
            timers=Timers(self.at["timers"]),
            releases=Releases(self.at["catalog"], monotonic=clock.seconds),
            keys=KEYS,
            failures=self.queue["failures"],
            metrics=self.at["metrics"],
            interests=Interests(self.at["interests"]),
            lake=LakeRows(FaultyLake(self.lake, self.fuse)),
            consent_changes=ConsentChanges(self.queue["iys"], self.queue["audiences"]),
        )

    def afterwards(self, composed: Any) -> None:
        """Two hours later: a timer of somebody who is no root any more finds nothing to do."""
        composed.clock.time += timedelta(hours=2)
        on_due.respond(Invoked(), composed)

    def state(self) -> dict[str, Any]:
        """A customer who was decided twice has a higher version, and what happened to him is told to schedule by
        whichever of the writes the stream carries: all that were told count. Rows come to the lake at least once; of a
        customer the newest counts."""
        held = super().state()
        told: set[str] = set()
        for old, new in self.changes:
            told |= _news(new) - _news(old)
        customers = {key: without(item, "version", *NEWS) for key, item in held["customers"].items()}
        return {**held, "customers": customers, "told to schedule": sorted(told), "lake": self._rows()}

    def _rows(self) -> list[str]:
        newest: dict[str, tuple[int, str]] = {}
        others: set[str] = set()
        for line in self.lake.lines:
            row = json.loads(line)
            version = row.pop("version", 0)
            text = json.dumps(row, sort_keys=True)
            if row["table"] == "customers":
                newest[row["root"]] = max(newest.get(row["root"], (0, "")), (version, text))
            else:
                others.add(text)
        return sorted(others | {text for _, text in newest.values()})


def _news(image: Mapping[str, Any] | None) -> set[str]:
    """What a write of an item ``customer`` tells: events, by name and place in their log, and changed memberships."""
    held = image or {}
    events = {f"{event[0]} {event[1]}" for event in held.get("events", ())}
    return events | {f"{name} {segment}" for name in ("entered", "left") for segment in held.get(name, ())}


def without(item: str, *names: str) -> str:
    """The text of an item without these attributes."""
    return json.dumps({name: value for name, value in json.loads(item).items() if name not in names}, sort_keys=True)


class FoldEvents(Segmenting):
    title = "Five events of a person on two identifiers are folded, and decided"
    function = "segment-on-events"
    again = "the stream"

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        new = [one for one in items["customers"] if str(one["sk"]).startswith(EVENT_PREFIX)]
        self.left = stream_event(sorted((dict(one) for one in new), key=lambda one: str(one["sk"])))["Records"]

    def attempt(self, composed: Any) -> bool:
        failed = on_events.respond({"Records": self.left}, composed)["batchItemFailures"]
        if failed:
            numbers = [one["dynamodb"]["SequenceNumber"] for one in self.left]
            self.left = self.left[numbers.index(failed[0]["itemIdentifier"]) :]
        return not failed


class Flip(Segmenting):
    title = "A membership ends with time"
    function = "segment-on-due"
    again = "the next minute"
    hours = 24.0 * 40

    def attempt(self, composed: Any) -> bool:
        on_due.respond(Invoked(), composed)
        return True


@cache
def with_sources() -> Items:
    """A shop with its keys and definitions, and nobody in it."""
    catalog = MemoryTable()
    add_source(catalog, PUBLIC, Source("web", "web", trusted=False), created_at=NOW)
    add_source(catalog, SERVER, Source("server", "web", trusted=True), created_at=NOW)
    Releases(catalog).publish(ready_definitions())
    return {"catalog": catalog.items()}


@cache
def taken() -> Items:
    """Five events are stored."""
    world = TakeEvents(with_sources())
    assert world.run().deliveries == 1
    return {"catalog": with_sources()["catalog"], "customers": world.memory["customers"].items()}


@cache
def folded() -> Items:
    """And decided."""
    world = FoldEvents(taken())
    assert world.run().deliveries == 1
    return {name: held.items() for name, held in world.memory.items()}
