"""Tills and the shop's server ask stock; what was promised ends by timers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from benchmarks.deployment import KEYS, NOW, SERVER
from benchmarks.fault_matrix.events import Invoked
from benchmarks.fault_matrix.world import Items, World
from functions.stock import api, on_due
from functions.stock.environment import Environment, Tables, composed
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.events.event import Source
from shared.http.always_answer import always_answer
from shared.operators.stock import levels, movements
from shared.operators.stock.environment import People
from shared.ports import Table
from shared.stores.sources import add_source
from shared.stores.stock_events import Notices

STORE, PIECES = "kadikoy", 10
TABLES = ("stock", "catalog", "products", "timers", "interests", "customers")


@dataclass
class Now:
    """A clock that a scenario turns."""

    time: datetime = field(default=NOW)

    def now(self) -> datetime:
        return self.time

    def seconds(self) -> float:
        return self.time.timestamp()


def environment(at: Mapping[str, Table], clock: Now, queue: Any) -> Environment:
    people = People(KEYS, phone_reader("TR"), Notices(at["stock"], at["customers"], KEYS))
    tables = Tables(at["stock"], at["catalog"], at["products"], at["timers"], at["interests"])
    return composed(
        tables, clock=clock, people=lambda: people, queue=lambda: queue, elapsed=clock.seconds,
        pause=lambda _attempt: None,
    )  # fmt: skip


class Stocked(World):
    """Stock's environment. What a till is answered must be the same whenever it asks again."""

    tables = TABLES
    queues = ("work",)

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.clock = Now()
        self.answered: Any = None

    def compose(self) -> Environment:
        return environment(self.at, self.clock, self.queue["work"])

    def afterwards(self, composed: Any) -> None:
        """The timers of the next days: what was promised ends, and events that were not written are."""
        for span in (timedelta(minutes=10), timedelta(days=1), timedelta(days=3)):
            self.clock.time += span
            on_due.respond(Invoked(), composed)

    def state(self) -> dict[str, Any]:
        """An answer says whether it was given before; the log of a level has what is of one moment in any order."""
        said = json.dumps(self.answered, sort_keys=True)
        for told in (
            '"repeated": true',
            '"repeated": false',
            '"state": "repeated"',
            '"state": "applied"',
            '"applied": 0',
            '"applied": 1',
        ):
            said = said.replace(told, "")
        held = super().state()
        return {**held, "stock": {key: _sorted_log(one) for key, one in held["stock"].items()}, "answer": [said]}


def _sorted_log(item: str) -> str:
    found = json.loads(item)
    if "recent" in found:
        found["recent"] = sorted(found["recent"], key=str)
    return json.dumps(found, sort_keys=True)


class Asked(Stocked):
    """A request over HTTP."""

    function = "stock-api"
    again = "the till, after 503"
    path: ClassVar[str]
    body: ClassVar[dict[str, Any]]

    def attempt(self, composed: Any) -> bool:
        event = {
            "rawPath": self.path,
            "headers": {"authorization": f"Bearer {SERVER}"},
            "requestContext": {"http": {"method": "POST", "path": self.path}},
            "body": json.dumps(self.body),
        }
        answer = always_answer(event, lambda asked: api.route(asked, lambda: composed), api.log)
        if answer["statusCode"] == 503:
            assert answer["headers"]["retry-after"], "the till is not told when to come again"
            return False
        assert answer["statusCode"] in {200, 201}, answer
        self.answered = json.loads(answer["body"])
        return True


class Sale(Asked):
    title = "A sale of two pieces"
    path = "/v1/stock/movements"
    body: ClassVar = {
        "key": "till-1",
        "kind": "sale",
        "sku": "sku-0",
        "location": STORE,
        "quantity": 2,
        "order_id": "K-1",
    }


class Reservation(Asked):
    title = "A reservation of two skus, which ends by its timer"
    path = "/v1/stock/reservations"
    body: ClassVar = {
        "key": "cart-1", "location": STORE, "order_id": "K-1", "expires_in": "1h",
        "lines": [{"sku": "sku-0", "quantity": 1}, {"sku": "sku-1", "quantity": 2}],
    }  # fmt: skip


class Return(Asked):
    title = "A return in store: stock and the customer's refund"
    path = "/v1/stock/returns"
    body: ClassVar = {
        "key": "till-2", "customer": "user:ayse", "order_id": "K-1", "location": STORE, "sku": "sku-0",
        "quantity": 1, "refund": "249.90", "currency": "TRY",
    }  # fmt: skip


class Pickup(Asked):
    title = "A pick-up is requested; nobody comes, and its timer ends it"
    path = "/v1/stock/pickups"
    body: ClassVar = {
        "key": "pick-1", "customer": "user:ayse", "order_id": "K-1", "location": STORE, "sku": "sku-0", "quantity": 1,
    }  # fmt: skip

    def state(self) -> dict[str, Any]:
        """The code is drawn anew by each attempt until one is stored."""
        return {name: _without_code(held) for name, held in super().state().items()}


def _without_code(held: Any) -> Any:
    if isinstance(held, dict):
        return {key: _without_code(one) for key, one in held.items()}
    if isinstance(held, list):
        return [_without_code(one) for one in held]
    try:
        found = json.loads(held)
    except (TypeError, ValueError):
        return held
    if isinstance(found, dict):
        return json.dumps({name: one for name, one in found.items() if name != "code"}, sort_keys=True)
    return held


class Expiry(Stocked):
    title = "A reservation and a pick-up are over"
    function = "stock-on-due"
    again = "the next minute"

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.clock.time += timedelta(days=4)

    def attempt(self, composed: Any) -> bool:
        on_due.respond(Invoked(), composed)
        return True


@cache
def stocked() -> Items:
    """A store with ten pieces of two skus."""
    memory = {name: MemoryTable(indexes=INDEXES.get(name, ())) for name in TABLES}
    add_source(memory["catalog"], SERVER, Source("server", "web", trusted=True), created_at=NOW)
    made = environment(memory, Now(), None)
    levels.put_location(made, STORE, {"pickup": True})
    for number in range(2):
        movements.move(
            made,
            {"key": f"r{number}", "kind": "receipt", "sku": f"sku-{number}", "location": STORE, "quantity": PIECES},
        )
    return {name: held.items() for name, held in memory.items()}


@cache
def promised() -> Items:
    """With a reservation and a pick-up in it."""
    items = stocked()
    for kind in (Reservation, Pickup):
        world = kind(items)
        made = world.compose()
        assert world.attempt(made)
        items = {name: held.items() for name, held in world.memory.items()}
    return items
