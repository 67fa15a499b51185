"""A deployment on tables in memory that count as DynamoDB bills: the handlers' own code, composed without AWS."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from benchmarks.log_lines import REQUEST
from benchmarks.shopper import Message
from cli.definitions.folder import check_folder
from functions.ingest import api
from functions.ingest.environment import Environment as IngestEnvironment
from functions.ingest.service import Intake
from functions.segment import on_events
from functions.segment.environment import Environment as SegmentEnvironment
from shared.adapters.attribute_values import write_item
from shared.adapters.memory import Change, MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.definitions.release import Release
from shared.domain.events.event import Source
from shared.domain.identity.keys import EVENT_PREFIX, IdentifierKeys
from shared.http.request import read_request
from shared.ports import Table
from shared.stores.customers import CustomerStore
from shared.stores.interests import Interests
from shared.stores.releases import Releases
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources, add_source
from shared.stores.timers import Timers
from shared.stores.withdrawal_pointers import Pointers

NOW = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
SECRET = b"a secret of the benchmark, which is long enough"
KEYS = IdentifierKeys(SECRET)
DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"
PUBLIC, SERVER = "web-key", "server-key"


@cache
def ready_definitions() -> Release:
    """The definitions that come with the repository."""
    checked = check_folder(DEFINITIONS)
    if checked.bundle is None:
        raise ValueError(f"definitions/ has problems: {checked.problems[0]}")
    return checked.bundle.release()


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def seconds(self) -> float:
        return self.time.timestamp()


class Failures:
    """The failure queue; nothing may come to it here."""

    def send_many(self, bodies: Iterable[str]) -> None:
        raise AssertionError(f"a record was given up: {list(bodies)}")


@dataclass(frozen=True, slots=True)
class Door:
    """The part of ingest's environment that taking events needs."""

    clock: Clock
    sources: Sources
    intake: Intake
    counters: SourceCounters


@dataclass(frozen=True, slots=True)
class Units:
    """What was spent between two moments: requests and read units of ``customers`` and ``interests``, write units of
    each."""

    requests: int
    read: float
    write: float
    interests: float = 0


@dataclass
class Deployment:
    """``post`` is a request of the HTTP API; ``deliver`` gives the stream's waiting inserts to segment."""

    customers: MemoryTable = field(default_factory=MemoryTable)
    timers: MemoryTable = field(default_factory=MemoryTable)
    catalog: MemoryTable = field(default_factory=MemoryTable)
    metrics: MemoryTable = field(default_factory=MemoryTable)
    interests: MemoryTable = field(default_factory=MemoryTable)
    clock: Clock = field(default_factory=Clock)
    stream: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.customers.on_change = self.stream.append
        add_source(self.catalog, PUBLIC, Source("web", "web", trusted=False), created_at=NOW)
        add_source(self.catalog, SERVER, Source("server", "web", trusted=True), created_at=NOW)
        self.release = Releases(self.catalog).publish(ready_definitions())
        self.ingest = self.ingest_on(self.customers)
        self.segment = SegmentEnvironment(
            clock=self.clock,
            store=CustomerStore(self.customers),
            timers=Timers(self.timers),
            releases=Releases(self.catalog, monotonic=self.clock.seconds),
            keys=KEYS,
            failures=Failures(),
            metrics=self.metrics,
            interests=Interests(self.interests),
        )
        self.segment.releases.current()

    def ingest_on(self, customers: Table) -> Door:
        """What takes events, over any implementation of the table."""
        return Door(
            clock=self.clock,
            sources=Sources(self.catalog, self.clock.seconds),
            intake=Intake(customers, KEYS, phone_reader("TR"), Pointers(self.metrics)),
            counters=SourceCounters(self.metrics, self.clock.seconds),
        )

    def post(self, path: str, body: Any, key: str = PUBLIC) -> None:
        """Raises AssertionError if not everything was accepted."""
        answered(self.ingest, request(path, body, key))

    def send(self, messages: Sequence[Message], key: str = PUBLIC, size: int = 25) -> None:
        """As batches of ``size``, a second after their last event."""
        for start in range(0, len(messages), size):
            part = messages[start : start + size]
            last = max(datetime.fromisoformat(message["timestamp"]) for message in part)
            self.clock.time = last + timedelta(seconds=1)
            self.post("/v1/batch", {"batch": part, "sentAt": self.clock.time.isoformat()}, key)

    def deliver(self, size: int = 1_000) -> int:
        """Stream batches of at most ``size`` inserts of events to segment; returns how many invocations it took."""
        waiting = [new for old, new in self.stream if old is None and new and new["sk"].startswith(EVENT_PREFIX)]
        self.stream.clear()
        for start in range(0, len(waiting), size):
            failed = on_events.respond(stream_event(waiting[start : start + size]), self.segment)
            if failed["batchItemFailures"]:
                raise AssertionError("a record is to be delivered again")
        return -(-len(waiting) // size)

    def passes(self, **by: float) -> None:
        self.clock.time += timedelta(**by)

    def spent(self) -> Units:
        """What was asked for since the last call."""
        usage, noted = self.customers.usage, self.interests.usage
        units = Units(
            usage.requests + noted.requests, usage.read_units + noted.read_units, usage.write_units, noted.write_units
        )
        usage.reset()
        noted.reset()
        return units


def answered(door: Door, event: dict[str, Any]) -> None:
    """Raises AssertionError if not everything was accepted."""
    answer = api.route(read_request(event), lambda: cast("IngestEnvironment", door))
    said = json.loads(answer["body"])
    if answer["statusCode"] != 200 or said.get("rejected"):
        raise AssertionError(f"not accepted: {said}")


def request(path: str, body: Any, key: str = PUBLIC) -> dict[str, Any]:
    """A Lambda event of the HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {
            "authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "content-type": "application/json",
        },
        "requestContext": {"requestId": REQUEST, "http": {"method": "POST", "path": path}, "stage": "$default"},
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "isBase64Encoded": False,
    }


def stream_event(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A stream batch of inserts, as Lambda gets it."""
    return {
        "Records": [
            {
                "eventName": "INSERT",
                "dynamodb": {
                    "SequenceNumber": str(place),
                    "Keys": write_item({"pk": item["pk"], "sk": item["sk"]}),
                    "NewImage": write_item(item),
                },
            }
            for place, item in enumerate(items)
        ]
    }
