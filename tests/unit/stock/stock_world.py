"""The functions of stock in memory, asked as the HTTP API asks them; every answer is held against the document."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from functions.admin.document import stock_models, stock_paths
from functions.stock import api
from functions.stock.environment import Tables, composed
from functions.stock.on_due import respond as on_due
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.events.event import Event
from shared.domain.identity.keys import IdentifierKeys
from shared.http.answers import Problem
from shared.http.request import read_request
from shared.operators.stock.environment import People
from shared.stores.event_items import read_event
from shared.stores.sources import add_source
from shared.stores.stock_events import Notices
from tests.unit.ingest.world import ADMIN_KEY, NOW, READER, STORE, STORE_KEY, WEB, WEB_KEY, ListQueue, StoppedClock


class Invoked:
    """An invocation with a minute left."""

    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class StockWorld:
    def __init__(self) -> None:
        self.clock = StoppedClock(NOW)
        self.table, self.timers, self.catalog, self.products = (
            MemoryTable(indexes=INDEXES[name]) for name in ("stock", "timers", "catalog", "products")
        )
        for key, source in ((WEB_KEY, WEB), (STORE_KEY, STORE)):
            add_source(self.catalog, key, source, created_at=NOW)
        add_source(self.catalog, ADMIN_KEY, READER, kind="admin", created_at=NOW)
        self.customers = MemoryTable(indexes=INDEXES["customers"])
        keys = IdentifierKeys(b"s" * 64)
        self.people = People(keys, phone_reader("TR"), Notices(self.table, self.customers, keys))
        elapsed = lambda: self.clock.time.timestamp()  # noqa: E731 - the clock of the test stands for both
        self.interests, self.queue = MemoryTable(), ListQueue()
        self.environment = composed(
            Tables(self.table, self.catalog, self.products, self.timers, self.interests),
            clock=self.clock,
            people=lambda: self.people,
            queue=lambda: self.queue,
            elapsed=elapsed,
            pause=lambda _attempt: None,
        )

    def ask(
        self, method: str, path: str, body: Any = None, key: str = ADMIN_KEY, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and content of an answer, which is as the document says."""
        event = {
            "rawPath": path,
            "queryStringParameters": query,
            "headers": {"authorization": f"Bearer {key}"} if key else {},
            "requestContext": {"http": {"method": method}},
            "body": body if isinstance(body, str) else None if body is None else json.dumps(body),
        }
        try:
            answered = api.route(read_request(event), lambda: self.environment)
        except Problem as problem:
            answered = problem.answer()
        status, text = answered["statusCode"], answered["body"]
        check(method, path, status, text)
        return status, json.loads(text) if text else None

    def search(self, text: str, limit: int, cursor: str) -> Any:
        """A page of products."""
        asked = {"q": text, "limit": str(limit), "cursor": cursor}
        return self.ask("GET", "/v1/products", query={name: value for name, value in asked.items() if value})[1]

    def post(self, path: str, body: Any, key: str = STORE_KEY) -> tuple[int, Any]:
        return self.ask("POST", path, body, key)

    def get(self, path: str, key: str = STORE_KEY) -> tuple[int, Any]:
        return self.ask("GET", path, key=key)

    def numbers(self, sku: str, location: str) -> tuple[int, int, int]:
        """on_hand, reserved, incoming."""
        found = next(row for row in self.get(f"/v1/stock/{sku}")[1]["locations"] if row["location"] == location)
        return found["on_hand"], found["reserved"], found["incoming"]

    def events(self) -> list[Event]:
        """What stands in the customers' logs, by time."""
        return sorted(map(read_event, self.customers.items()), key=lambda event: event.time)

    def pass_time(self, by: timedelta) -> dict[str, int]:
        """Moves the clock and lets the function of the minute work."""
        self.clock.advance(by)
        return on_due(Invoked(), self.environment)


def check(method: str, path: str, status: int, text: str) -> None:
    """Fails if an answer is not in the document."""
    if status >= 400:
        _reader(stock_models.StockError).validate_json(text)
        return
    if not text:
        return
    parts = path.split("/")
    for one in stock_paths.OPERATIONS:
        written = one.path.split("/")
        if one.method != method.lower() or len(written) != len(parts):
            continue
        if all(mine == theirs or mine.startswith("{") for mine, theirs in zip(written, parts, strict=True)):
            union: Any = one.answers[0] if len(one.answers) == 1 else one.answers[0] | one.answers[1]
            _reader(union).validate_json(text, strict=True)
            return
    raise AssertionError(f"{method} {path} is not in the document")


@cache
def _reader(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
