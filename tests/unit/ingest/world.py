"""A deployment in memory: tables, keys, sources, and a clock that stands still."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.admin import api as admin_api
from functions.admin.environment import Environment as AdminEnvironment
from functions.ingest import api as ingest_api
from functions.ingest.environment import Environment
from functions.ingest.service import Intake
from shared.adapters.indexes import INDEXES
from shared.adapters.jmespath_search import search
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import shop_phone_reader
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.events.event import Event, Source
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.message_links.message_link import LinkTokens
from shared.http.answers import Problem
from shared.http.request import Request, read_request
from shared.stores.audience_entries import AudienceEntries
from shared.stores.connectors import Connectors
from shared.stores.conversations import Conversations
from shared.stores.event_items import read_event
from shared.stores.iys_records import IysRecords
from shared.stores.push_key import PushKey
from shared.stores.senders import Senders
from shared.stores.shop_answers import shop_region
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources, add_source
from shared.stores.token_issuers import TokenIssuers
from shared.stores.withdrawal_pointers import Pointers
from tests.support.documented import check_documented

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WEB = Source("web", "web", trusted=False)
STORE = Source("store", "store", trusted=True)
READER = Source("admin", "admin", trusted=True)
WEB_KEY, STORE_KEY, ADMIN_KEY = "web-key", "store-key", "admin-key"


class StoppedClock:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


class ListQueue:
    """A queue that nobody reads until a test does."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.later: list[tuple[str, timedelta]] = []

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)

    def send_later(self, body: str, delay: timedelta) -> None:
        self.later.append((body, delay))


class World:
    """``post`` and ``get`` go through the same code as a request of the HTTP API, which sends it to a function by its
    path (infra/api.py)."""

    def __init__(self) -> None:
        self.clock = StoppedClock(NOW)
        self.told, self.stock_work = ListQueue(), ListQueue()
        self.conversations = MemoryTable(indexes=INDEXES["conversations"])
        self.customers, self.messages, self.catalog, self.timers, self.metrics = (
            MemoryTable(indexes=INDEXES[name]) for name in ("customers", "messages", "catalog", "timers", "metrics")
        )
        self.keys = IdentifierKeys(b"s" * 64)
        self.hook_secrets: dict[str, dict[str, str]] = {}
        self.erasures = ListQueue()
        self.iys_tasks, self.iys_table = ListQueue(), MemoryTable(indexes=INDEXES["iys"])
        for key, source in ((WEB_KEY, WEB), (STORE_KEY, STORE)):
            add_source(self.catalog, key, source, created_at=NOW)
        add_source(self.catalog, ADMIN_KEY, READER, kind="admin", created_at=NOW)
        phone = shop_phone_reader(shop_region(self.catalog, lambda: self.clock.time.timestamp()))
        self.environment = Environment(
            clock=self.clock,
            customers=self.customers,
            messages=self.messages,
            catalog=self.catalog,
            metrics=self.metrics,
            keys=self.keys,
            tokens=RecipientTokens(b"s" * 64),
            links=LinkTokens(b"s" * 64),
            phone=phone,
            sources=Sources(self.catalog, lambda: self.clock.time.timestamp()),
            issuers=TokenIssuers(
                self.catalog, TokenKeys(b"s" * 64), lambda: self.clock.time.timestamp(), self.clock.now
            ),
            intake=Intake(self.customers, self.keys, phone, Pointers(self.metrics)),
            counters=SourceCounters(self.metrics, lambda: self.clock.time.timestamp()),
            senders=Senders(self.catalog, lambda: self.clock.time.timestamp()),
            push_key=PushKey(self.catalog, lambda: self.clock.time.timestamp()),
            hook_secrets=lambda sender: self.hook_secrets.get(sender, {}),
            conversations=lambda: self.told,
            connectors=Connectors(self.catalog, lambda: self.clock.time.timestamp()),
            stock_work=lambda: self.stock_work,
            search=lambda: search,
            ratings=RatingTokens(b"s" * 64),
            iys_tasks=lambda: self.iys_tasks,
        )
        self.admin = AdminEnvironment(
            clock=self.clock,
            customers=self.customers,
            messages=self.messages,
            catalog=self.catalog,
            timers=self.timers,
            metrics=self.metrics,
            conversations=Conversations(self.conversations),
            keys=self.keys,
            phone=phone,
            sources=self.environment.sources,
            erasures=self.erasures,
            iys=IysRecords(self.iys_table),
            audiences=AudienceEntries(MemoryTable(indexes=INDEXES["audiences"])),
            iys_tasks=self.iys_tasks,
        )

    def send(self, event: dict[str, Any]) -> tuple[int, Any]:
        """The status and the JSON of an answer to a raw Lambda event."""
        answer = self.answer(event)
        return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The raw answer to a raw Lambda event."""
        try:
            request = read_request(event)
            if request.path == admin_api.DOCUMENT:
                return admin_api.route(request, lambda: self.admin)
            if admin_api.RESOURCES & set(request.path[1:2]):
                self.environment.counters.flush()  # as if the seconds were over that counts may wait
                return self._of_operators(request)
            return ingest_api.route(request, lambda: self.environment)
        except Problem as problem:
            return problem.answer()

    def _of_operators(self, request: Request) -> dict[str, Any]:
        """Every answer, refused or not, is as the document says."""
        try:
            answer = admin_api.route(request, lambda: self.admin)
        except Problem as problem:
            answer = problem.answer()
        check_documented(request, answer["statusCode"], answer["body"])
        return answer

    def post(self, path: str, body: Any, key: str | None = WEB_KEY, **headers: str) -> tuple[int, Any]:
        return self.send(http_event("POST", path, body, basic(key) | headers))

    def get(self, path: str, key: str | None = ADMIN_KEY, query: dict[str, str] | None = None) -> tuple[int, Any]:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        return self.send(http_event("GET", path, None, headers) | ({"queryStringParameters": query} if query else {}))

    def events_of(self, identifier: str) -> list[Event]:
        """The log of one identifier, in the order of its keys."""
        page = self.customers.query(self.keys(parse_identifier(identifier)), prefix="t#")
        return [read_event(item) for item in page.items]


def basic(key: str | None) -> dict[str, str]:
    return {} if key is None else {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def http_event(method: str, path: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """A Lambda event of the payload format 2.0; bytes become base64 as API Gateway does it."""
    encoded = isinstance(body, bytes)
    match body:
        case None | str():
            text = body
        case bytes():
            text = base64.b64encode(body).decode()
        case _:
            text = json.dumps(body)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        **({} if text is None else {"body": text}),
        "isBase64Encoded": encoded,
    }
