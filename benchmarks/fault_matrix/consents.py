"""Public keys withdraw consents, the consents of one customer are folded, forged withdrawals are taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, cast

from msgspec.structs import replace

from benchmarks.deployment import KEYS, NOW, SERVER, Clock, Deployment
from benchmarks.fault_matrix.events import USER, Post, without
from benchmarks.fault_matrix.world import Items, World
from functions.admin import taking_back
from functions.admin.environment import Environment
from functions.admin.models.sources import TakeBackRequest
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import CONSENT, EVENT_PREFIX, IdentifierKeys, milliseconds, time_text
from shared.domain.iys.record import Record
from shared.domain.iys.statement import Known
from shared.ports import Table
from shared.stores.consent_items import read_consent
from shared.stores.event_items import read_event
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.withdrawal_pointers import PARTITION, hour_of

BEFORE = NOW - timedelta(days=2)
"""When the customers agreed: their browsers are theirs for more than a day."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OPERATOR = Source("operator", "admin", trusted=True)


def address(user: str) -> str:
    return f"{user}@example.com"


def consent(user: str, number: int, at: datetime, event: str = "Consent Withdrawn", **more: Any) -> dict[str, Any]:
    """One statement about e-mail. ``browser``: by which it is made."""
    who = {"userId": user} | ({"anonymousId": more.pop("browser")} if "browser" in more else {})
    said = {"channel": "email", "purpose": "marketing", **more}
    at += number * timedelta(milliseconds=1)
    message = {"type": "track", "event": event, "messageId": f"c{number}", "timestamp": at.isoformat()}
    return {**message, **who, "properties": said}


def customers(*users: str) -> Deployment:
    """A shop whose customers agreed two days ago, each in a browser of his own."""
    shop = Deployment()
    shop.clock.time = BEFORE
    for number, user in enumerate(users):
        traits = {"email": address(user), "first_name": user}
        when = {"timestamp": BEFORE.isoformat(), "userId": user}
        browser = {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p1"}, **when}
        shop.post("/v1/batch", {"batch": [{**browser, "anonymousId": f"{user}-browser", "messageId": f"b{number}"}]})
        known = {"type": "identify", "traits": traits, "messageId": f"i{number}", **when}
        agreed = consent(user, number, BEFORE, "Consent Granted", address=address(user))
        shop.post("/v1/batch", {"batch": [known, agreed]}, SERVER)
    shop.deliver()
    shop.clock.time = NOW
    return shop


def items_of(shop: Deployment) -> Items:
    return {"customers": shop.customers.items(), "catalog": shop.catalog.items(), "metrics": shop.metrics.items()}


class Withdraw(Post):
    """The sender comes again an hour later, so a pointer may be written for an hour in which nothing is stored."""

    title = "A public key withdraws three consents: pointers are written, then the statements"

    def messages(self) -> Sequence[dict[str, Any]]:
        return [
            consent(USER, 1, NOW - MINUTE),
            consent(USER, 2, NOW - MINUTE, address=address(USER)),
            consent("somebody", 3, NOW - MINUTE, address=address(USER)),
        ]

    def attempt(self, composed: Any) -> bool:
        done = super().attempt(composed)
        self.passed += HOUR
        return done

    def state(self) -> dict[str, Any]:
        """The first arrival of a statement stays, whenever that was."""
        table, missing = self.memory["customers"], _without_pointer(self.memory["customers"], self.memory["metrics"])
        return {**super().state(), "customers": _without_arrival(table), "without a pointer": missing}


class FoldConsents(Post):
    """Everything is sent again at once."""

    title = "The 25th to the 80th public consent of a customer: those without a place are folded"

    def messages(self) -> Sequence[dict[str, Any]]:
        return list(flood(25, 81))

    def state(self) -> dict[str, Any]:
        """How many transactions it took, which the versions of runs tell, may differ."""
        held, missing = super().state(), _without_pointer(self.memory["customers"], self.memory["metrics"])
        stored = {key: without(item, "version") for key, item in held["customers"].items()}
        return {**held, "customers": stored, "without a pointer": missing}


def flood(first: int, end: int) -> Iterator[dict[str, Any]]:
    """Withdrawals with ever new purposes, some with the address; grants that count for nothing; the 40th is his own."""
    for number in range(first, end):
        more: dict[str, Any] = {"purpose": f"p{number % 17}"} if number % 3 else {}
        if number % 4 == 0:
            more["address"] = address(USER)
        if number == 40:
            more["browser"] = f"{USER}-browser"
        yield consent(
            USER, number, NOW - MINUTE, "Consent Granted" if number % 10 == 9 else "Consent Withdrawn", **more
        )


@dataclass(frozen=True, slots=True)
class Operators:
    """The part of admin's environment that a taking back needs."""

    clock: Clock
    customers: Table
    catalog: Table
    metrics: Table
    iys: IysRecords
    keys: IdentifierKeys = KEYS


class TakeBack(World):
    """The command asks until the operation is done; each request has time for three pointers."""

    title = "Forged withdrawals of eight customers are taken back, three with a request"
    function = "admin"
    again = "the operator's command, with the operation if it knows one"
    tables = ("customers", "catalog", "metrics", "iys")
    POINTERS: ClassVar[int] = 3

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.operation: str | None = None
        self.answer: dict[str, Any] = {}
        self.times: list[datetime] = []

    def compose(self) -> Operators:
        at = self.at
        return Operators(Clock(), at["customers"], at["catalog"], at["metrics"], IysRecords(at["iys"]))

    def attempt(self, composed: Any) -> bool:
        self.times.append(NOW + HOUR + len(self.times) * MINUTE)
        composed.clock.time = self.times[-1]
        if self.operation is None:
            self.operation = self._ask(composed)["operation"]
        self.answer = {"done": False}
        while not self.answer["done"]:
            self.answer = self._ask(composed, operation=self.operation)
        return True

    def _ask(self, composed: Any, **more: Any) -> dict[str, Any]:
        left = iter(range(self.POINTERS - 1))
        span = {"from": (NOW - HOUR).isoformat(), "to": (NOW + HOUR / 2).isoformat(), "because": "a script"}
        asked = TakeBackRequest.model_validate({**span, **more})
        time_left: Callable[[], bool] = lambda: next(left, None) is not None  # noqa: E731 - one for each request
        return taking_back.take_back(cast("Environment", composed), "web", asked, OPERATOR, time_left)

    def state(self) -> dict[str, Any]:
        """An operation that was begun and whose id nobody heard stays among the changes as asked, and did nothing. How
        many requests it took, which its version tells, may differ, and so may the time of each statement."""
        held = super().state()
        mark = (self.operation or "").rpartition("-")[2]
        changes = [f"{key} {without(item, 'version')}" for key, item in held["catalog"].items() if mark in key]
        stored = [f"{key} {item}" for key, item in held["customers"].items()]
        answer = {name: what for name, what in self.answer.items() if name != "operation"}
        timeless = {"catalog": self._timeless(changes, mark), "customers": self._timeless(stored, mark)}
        return {**held, **timeless, "answer": answer}

    def _timeless(self, texts: list[str], mark: str) -> list[str]:
        """The texts without the times of the attempts, and without the id of the operation."""
        for text in (*map(time_text, self.times), *(str(milliseconds(one)) for one in self.times), mark):
            texts = [one.replace(text, "~") for one in texts]
        return sorted(texts)


@cache
def agreed() -> Items:
    """One customer agreed."""
    return items_of(customers(USER))


@cache
def full() -> Items:
    """24 public statements were made about him."""
    shop = customers(USER)
    shop.post("/v1/batch", {"batch": list(flood(1, 25))})
    return items_of(shop)


@cache
def attacked() -> Items:
    """A stranger withdrew for eight customers, for one of them thirty times. One did it himself, one was erased since,
    of one IYS was told, and one said it again at the till."""
    users = [f"user-{number}" for number in range(8)]
    shop = customers(*users)
    shop.clock.time = NOW - HOUR / 2
    for number, user in enumerate(users):
        named = {"address": address(user)} if number % 2 else {}
        browser = {"browser": f"{user}-browser" if number == 2 else "stranger"}
        shop.post("/v1/batch", {"batch": [consent(user, number, shop.clock.time, **named, **browser)]})
    many = [consent("user-5", number, shop.clock.time, address=address("user-5")) for number in range(100, 130)]
    shop.post("/v1/batch", {"batch": many})
    shop.post("/v1/batch", {"batch": [consent("user-3", 200, shop.clock.time)]}, SERVER)
    shop.customers.put({"pk": KEYS(parse_identifier("user:user-4")), "sk": "erased", "until": 0, "erasure": "e"})
    catalog, register = MemoryTable(), MemoryTable(indexes=INDEXES["iys"])
    Releases(catalog).publish(Release(0, Shop.model_validate({"name": "Kervan", "iys": {"code": 1, "brand": 2}})))
    told = KEYS(parse_identifier(f"email:{address('user-7')}"))
    IysRecords(register, "1-2").put(Record(told, "BIREYSEL", "EPOSTA", address("user-7"), known=Known("RET", NOW)))
    return {**items_of(shop), "catalog": catalog.items(), "iys": register.items()}


def _without_arrival(customers: MemoryTable) -> dict[str, str]:
    """What is stored, but for the time at which it reached us."""
    kept: dict[str, str] = {}
    for item in customers.items():
        plain = {name: value for name, value in item.items() if name not in {"received", "data"}}
        if item["sk"].startswith(EVENT_PREFIX):
            plain["event"] = replace(read_event(item), received_at=NOW)
        kept[f"{item['pk']} {item['sk']}"] = repr(plain)
    return kept


def _without_pointer(customers: MemoryTable, metrics: MemoryTable) -> list[str]:
    """Withdrawals of public keys that no pointer leads to."""
    led = {tuple(item["sk"].split("#")) for item in metrics.items() if item["pk"].startswith(f"{PARTITION}#web#")}
    missing: list[str] = []
    for item in customers.items():
        if not item["sk"].startswith(CONSENT) or not item["sk"].endswith("#p"):
            continue
        said = read_consent(item)
        hour = f"{hour_of(said.last_received):%H}"
        if not said.granted and not any(one[0] == hour and item["pk"] in one[1:] for one in led):
            missing.append(f"{item['pk']} {item['sk']}")
    return missing
