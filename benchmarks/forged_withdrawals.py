"""100,000 withdrawals that somebody made with a public key are taken back: requests, units, and how long it takes.

The functions' own code on tables in memory. A clock of its own counts what would pass in AWS: the time of each request
to a table, of the processor, and of the way to the API and back.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, cast

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW, SERVER, Deployment
from benchmarks.fault_matrix.consents import Operators
from benchmarks.rows import Row
from functions.admin import taking_back
from functions.admin.environment import Environment
from functions.admin.models.sources import TakeBackRequest
from functions.admin.routes.sources import SECONDS
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import consent_state
from shared.domain.events.event import Source
from shared.domain.events.event_names import WITHDRAWAL_TAKEN_BACK
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import EVENT_PREFIX
from shared.stores.consent_items import statements
from shared.stores.iys_records import IysRecords
from shared.stores.withdrawal_pointers import SHARDS

PART = "forged withdrawals"
CUSTOMERS = 100_000
LASTED = timedelta(minutes=30)
"""The attack."""
HIMSELF = 50
"""One customer in so many withdrew himself meanwhile, in the browser that was his before."""
SAMPLE = 7
REQUEST = 0.004
"""Seconds of a request to DynamoDB, as docs/scale.md assumes."""
ROUND_TRIP = 0.1
"""Seconds from the command to the function and back."""
CORE = 1.769 / 1.024
"""Seconds that a second of a whole core takes the function, which has 1,024 MB."""
OPERATOR = Source("operator", "admin", trusted=True)


class Died(Exception):
    """The function ended in the middle of a request."""


@dataclass
class Attacked:
    """Customers who agreed to e-mail, and for all of whom somebody withdrew."""

    customers: int
    shop: Deployment = field(default_factory=Deployment)
    iys: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["iys"]))

    def __post_init__(self) -> None:
        for numbers in self._parts(12):
            self.shop.post("/v1/batch", {"batch": [one for number in numbers for one in _agreed(number)]}, SERVER)
            own = [
                _event(number, "Product Viewed", f"own-{number}", product_id="p") for number in numbers if _own(number)
            ]
            if own:
                self.shop.post("/v1/batch", {"batch": own})
        self.shop.deliver()
        self.shop.passes(days=2)
        self.begin = self.shop.clock.now()
        for numbers in self._parts(25):
            self.shop.clock.time = self.begin + LASTED * (numbers.start / self.customers)
            forged = [
                _event(number, "Consent Withdrawn", f"own-{number}" if _own(number) else "script", channel="email")
                for number in numbers
            ]
            self.shop.post("/v1/batch", {"batch": forged})
        self.shop.stream.clear()  # segment decides each customer meanwhile, which nothing here reads
        self.shop.clock.time = self.begin + LASTED + timedelta(minutes=10)
        shop = self.shop
        self.environment = Operators(shop.clock, shop.customers, shop.catalog, shop.metrics, IysRecords(self.iys))
        self.reset()

    def _parts(self, size: int) -> Iterator[range]:
        return (range(at, min(at + size, self.customers)) for at in range(0, self.customers, size))

    @property
    def tables(self) -> list[MemoryTable]:
        return [self.shop.customers, self.shop.metrics, self.shop.catalog, self.iys]

    def reset(self) -> None:
        for table in self.tables:
            table.usage.reset()

    def spent(self) -> tuple[int, float, float]:
        """Requests, read units and write units since the last time."""
        used = [table.usage for table in self.tables]
        found = (
            sum(one.requests for one in used),
            sum(one.read_units for one in used),
            sum(one.write_units for one in used),
        )
        self.reset()
        return found

    def ask(self, dies_after: float = 0.0, **more: Any) -> tuple[dict[str, Any], float]:
        """One request of the command, and how many seconds it took.

        Raises
        ------
        Died
            After these seconds, if it was to.
        """
        before, since = self._requests(), time.process_time()

        def seconds() -> float:
            return (self._requests() - before) * REQUEST + (time.process_time() - since) * CORE

        def time_left() -> bool:
            if dies_after and seconds() > dies_after:
                raise Died
            return seconds() < SECONDS

        span = {"from": self.begin.isoformat(), "to": (self.begin + LASTED).isoformat(), "because": "a script"}
        asked = TakeBackRequest.model_validate({**span, **more})
        answer = taking_back.take_back(cast("Environment", self.environment), "web", asked, OPERATOR, time_left)
        return answer, seconds() + ROUND_TRIP

    def _requests(self) -> int:
        return sum(table.usage.requests for table in self.tables)

    def wrong(self) -> int:
        """Of one customer in seven: who is not as he must be. Consent holds again, by one statement, with one event;
        who withdrew himself has none of it."""
        return sum(
            self._ended(number) != ((False, 0, 0) if _own(number) else (True, 1, 1))
            for number in range(0, self.customers, SAMPLE)
        )

    def _ended(self, number: int) -> tuple[bool, int, int]:
        home = KEYS(parse_identifier(f"user:u{number}"))
        said = [one for one, _ in statements(self.shop.customers, home)]
        granted = consent_state(said, "email", "marketing", "", self.shop.clock.now()).granted
        log = self.shop.customers.query(home, prefix=EVENT_PREFIX).items
        events = sum(one["name"] == WITHDRAWAL_TAKEN_BACK for one in log)
        return granted, sum(one.takes_back is not None for one in said), events

    def decide(self, most: int = 2_000) -> float:
        """Segment decides some of the customers again; returns how many."""
        del self.shop.stream[most:]
        self.shop.customers.usage.reset()
        number = len(self.shop.stream)
        self.shop.deliver()
        return number


@dataclass
class Taken:
    """``seconds``: of each part. ``told``: by the command's clock, how many were taken back."""

    seconds: dict[int, float] = field(default_factory=lambda: dict.fromkeys(range(SHARDS), 0.0))
    calls: int = 0
    counts: dict[str, Any] = field(default_factory=dict)
    told: list[tuple[float, int]] = field(default_factory=list)

    @property
    def side_by_side(self) -> float:
        return max(self.seconds.values())

    @property
    def one_after_the_other(self) -> float:
        return sum(self.seconds.values())


def count(attacked: Attacked) -> Taken:
    """The dry run of all parts."""
    found, total = Taken(), Counter[str]()
    for part in range(SHARDS):
        cursor: str | None = ""
        while cursor is not None:
            behind: dict[str, Any] = {"cursor": cursor} if cursor else {}
            answer, seconds = attacked.ask(dry_run=True, part=part, **behind)
            found.seconds[part] += seconds
            found.calls += 1
            total.update({name: number for name, number in answer["counts"].items() if name != "left_out"})
            total.update(answer["counts"]["left_out"])
            cursor = answer["cursor"]
    found.counts = dict(total)
    return found


def take_back(attacked: Attacked, operation: str, dies_at: float = 0.0) -> Taken:
    """All parts side by side, in the order in which their requests would end.

    ``dies_at``: seconds after which a function dies in the middle of a request, and the command with it.
    """
    found = Taken()
    waiting = [(0.0, part) for part in range(SHARDS)]
    while waiting:
        now, part = heapq.heappop(waiting)
        try:
            answer, seconds = attacked.ask(
                SECONDS / 2 if dies_at and now > dies_at else 0.0, operation=operation, part=part
            )
        except Died:
            return found
        found.calls += 1
        found.seconds[part] = now + seconds
        found.counts = answer["counts"]
        found.told.append((now + seconds, answer["counts"]["taken_back"]))
        if part in answer["parts_left"]:
            heapq.heappush(waiting, (now + seconds, part))
    return found


def rows(customers: int = CUSTOMERS) -> Iterator[Row]:
    """Counted first, then taken back; a function dies in between, and the command goes on with the operation."""
    attacked = Attacked(customers)
    counted = count(attacked)
    requests, read, write = attacked.spent()
    yield from _cost(f"{customers:,} forged withdrawals are counted", customers, counted, requests, read, write)
    operation = attacked.ask()[0]["operation"]
    broken = take_back(attacked, operation, dies_at=counted.side_by_side / 2)
    rest = take_back(attacked, operation)
    requests, read, write = attacked.spent()
    whole = Taken(
        {part: broken.seconds[part] + rest.seconds[part] for part in range(SHARDS)}, broken.calls + rest.calls
    )
    yield from _cost(f"{customers:,} forged withdrawals are taken back", customers, whole, requests, read, write)
    done = broken.counts.get("taken_back", 0)
    yield Row(PART, "a function died in between: taken back until then", done, "withdrawals", note="by the answers")
    yield Row(
        PART,
        "taken back in the end",
        rest.counts["taken_back"],
        "withdrawals",
        note=f"left out {rest.counts['left_out']}",
    )
    heard = sorted(when for when, _ in rest.told)
    gaps = [later - sooner for sooner, later in pairwise(heard)]
    yield Row(PART, "the command tells how far it is, at least every", max(gaps, default=0), "s")
    yield Row(PART, "customers who are not as before the attack", attacked.wrong(), "customers", target=0)
    attacked.shop.stream[:] = [
        one for one in attacked.shop.stream if (one[1] or {}).get("name") == WITHDRAWAL_TAKEN_BACK
    ]
    decided = attacked.decide()
    folded = attacked.shop.spent()
    dollars = prices.of_units(write=folded.write / decided, read=folded.read / decided)
    yield Row(
        PART, "segment decides a customer again: requests", folded.requests / decided, "requests", dollars=dollars
    )


def _cost(what: str, customers: int, taken: Taken, requests: int, read: float, write: float) -> Iterator[Row]:
    yield Row(PART, f"{what}: time", taken.side_by_side / 60, "min", note=f"{SHARDS} parts side by side")
    yield Row(PART, f"{what}: time of all parts", taken.one_after_the_other / 60, "min", note="one after the other")
    yield Row(PART, f"{what}: requests of the command", taken.calls, "requests")
    dollars = prices.of_units(write=write / customers, read=read / customers)
    yield Row(PART, f"{what}: requests to tables, each", requests / customers, "requests", dollars=dollars)
    yield Row(PART, f"{what}: read units, each", read / customers, "RU")
    yield Row(PART, f"{what}: write units, each", write / customers, "WU")


def _own(number: int) -> bool:
    return number % HIMSELF == HIMSELF - 1


def _agreed(number: int) -> Iterator[dict[str, Any]]:
    who = {"userId": f"u{number}", "timestamp": NOW.isoformat()}
    yield {"type": "identify", "messageId": f"i{number}", "traits": {"email": f"c{number}@example.com"}, **who}
    agreed = {"channel": "email", "purpose": "marketing"}
    yield {"type": "track", "event": "Consent Granted", "messageId": f"g{number}", "properties": agreed, **who}


def _event(number: int, name: str, browser: str, **properties: Any) -> dict[str, Any]:
    who = {"userId": f"u{number}", "anonymousId": browser, "messageId": f"{name} {number}"}
    return {"type": "track", "event": name, "properties": properties, **who}
