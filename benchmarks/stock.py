"""Stock: requests and units of a movement, a reservation, a checkout of five lines, a pick-up and a return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW
from benchmarks.rows import Row
from functions.stock import returns
from functions.stock.environment import Environment, Tables, composed
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.operators.stock import levels, movements, pickups, reservations
from shared.operators.stock.environment import People
from shared.queries.stock_of_now import StockReader
from shared.stores.stock_events import Notices

PART = "stock"
TIMES = 120
"""Of each kind: a level's log is written apart every sixth time, so a multiple of six."""
STORE, LINES = "kadikoy", 5
SPARE = 10_000
"""Pieces of each sku: none comes near its last one, which asks for more."""


class Bench:
    """The functions of stock on tables in memory, with a clock of their own."""

    def __init__(self) -> None:
        names = ("stock", "catalog", "products", "timers")
        self.stock, self.catalog, self.products, self.timers = (MemoryTable(indexes=INDEXES[one]) for one in names)
        self.customers, self.interests = MemoryTable(indexes=INDEXES["customers"]), MemoryTable()
        self.time = NOW
        people = People(KEYS, phone_reader("TR"), Notices(self.stock, self.customers, KEYS))
        self.environment: Environment = composed(
            Tables(self.stock, self.catalog, self.products, self.timers, self.interests),
            clock=self,
            people=lambda: people,
            queue=_NoQueue,
            elapsed=lambda: 0.0,
            pause=lambda _attempt: None,
        )
        self._keys = count()
        levels.put_location(self.environment, STORE, {"pickup": True})
        for number in range(LINES):
            self.move("receipt", f"sku-{number}", SPARE)
        levels.show(self.environment, "sku-0")  # what is read once a minute is read

    def now(self) -> datetime:
        return self.time

    def key(self) -> str:
        return f"till-7-{next(self._keys):06d}"

    def move(self, kind: str, sku: str, quantity: int = 1) -> None:
        body = {"key": self.key(), "kind": kind, "sku": sku, "location": STORE, "quantity": quantity}
        movements.move(self.environment, {**body, "order_id": "K-100245"})

    def reserve(self, lines: int) -> str:
        key = self.key()
        wanted = [{"sku": f"sku-{number}", "quantity": 1} for number in range(lines)]
        reservations.create(self.environment, {"key": key, "location": STORE, "lines": wanted, "order_id": "K-100245"})
        return key

    def sell(self, reservation: str) -> None:
        body = {"key": self.key(), "kind": "sale", "reservation": reservation}
        movements.move(self.environment, body)

    def pickup(self) -> str:
        key = self.key()
        body = {"key": key, "customer": "user:42", "order_id": key, "location": STORE, "sku": "sku-0", "quantity": 1}
        pickups.create(self.environment, body)
        return key

    def returned(self) -> None:
        body = {"key": self.key(), "customer": "user:42", "order_id": "K-100245", "location": STORE, "sku": "sku-0"}
        returns.take_back(self.environment, {**body, "quantity": 1, "refund": "249.90", "currency": "TRY"})

    def used(self) -> tuple[float, float, float]:
        """Requests, read units and write units since the last call, over all tables."""
        found = [one.usage for one in (self.stock, self.timers, self.customers, self.catalog, self.products)]
        told = tuple(
            float(sum(getattr(one, name) for one in found)) for name in ("requests", "read_units", "write_units")
        )
        for one in found:
            one.reset()
        return told[0], told[1], told[2]


class _NoQueue:
    """Nothing is announced here."""

    def send_many(self, bodies: Any) -> None:
        raise AssertionError(f"{len(list(bodies))} announcements that nobody asked for")


def rows(times: int = TIMES) -> Iterator[Row]:
    """Every kind of request, in the middle of a level's life."""
    bench = Bench()
    held: list[str] = []
    yield from _counted(bench, "a movement of one line", times, lambda: bench.move("sale", "sku-0"))
    yield from _counted(bench, "a reservation of one line", times, lambda: bench.reserve(1))
    yield from _counted(
        bench, "a checkout of five lines: the reservation", times, lambda: held.append(bench.reserve(LINES))
    )
    yield from _counted(bench, "a checkout of five lines: its sale", times, lambda: bench.sell(held.pop()))
    yield from _counted(bench, "a pick-up: requested", times, lambda: held.append(bench.pickup()))
    waiting = iter(tuple(held))
    yield from _counted(bench, "a pick-up: ready", times, lambda: pickups.ready(bench.environment, next(waiting), {}))
    bench.time += timedelta(hours=1)
    yield from _counted(bench, "a pick-up: handed out", times, lambda: _hand_out(bench, held.pop()))
    yield from _counted(bench, "a return in store", times, bench.returned)
    yield from _counted(bench, "the levels of a sku", times, lambda: levels.show(bench.environment, "sku-0"))
    reader = StockReader(bench.stock, lambda: 0.0)
    reader.read([("sku-0",)])
    asked = [(f"sku-{number}",) for number in range(LINES)]
    yield from _counted(bench, "what a message about five products asks", times, lambda: reader.read(asked))


def _hand_out(bench: Bench, id_: str) -> None:
    """For the code that the customer was told."""
    found = bench.environment.pickups.read(id_)
    bench.stock.usage.add("get", read=-1.0, requests=-1)  # the till does not read it
    if found is None:
        raise AssertionError("a pick-up is gone")
    pickups.collect(bench.environment, id_, {"code": found.code}, admin=False)


def _counted(bench: Bench, what: str, times: int, act: Callable[[], object]) -> Iterator[Row]:
    bench.used()
    for _ in range(times):
        act()
    requests, read, write = (number / times for number in bench.used())
    yield Row(PART, f"{what}: requests", requests, "")
    yield Row(PART, f"{what}: read units", read, "RU")
    yield Row(PART, f"{what}: write units", write, "WU", dollars=prices.of_units(read=read, write=write))
