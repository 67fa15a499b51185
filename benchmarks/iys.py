"""Turkey's register of consent: requests and time to tell it of many addresses, and what that costs at our table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW
from benchmarks.rows import Row
from cli.local.iys import IysCapture
from functions.iys.consent_reader import ConsentReader
from functions.iys.exchange import Exchange
from functions.iys.intake import Intake
from functions.iys.pace import Pace
from shared.adapters.guarded_https import HttpsAnswer
from shared.adapters.indexes import INDEXES
from shared.adapters.iys_api import IysApi
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.record import Record
from shared.domain.iys.statement import Statement
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords

PART = "iys"
ADDRESSES = 100_000
PER_MINUTE = 60
"""Requests that the shop agreed with the register."""
RUN = timedelta(minutes=5)
"""How long one exchange may take; the next one comes a quarter of an hour after it began."""
EVERY = timedelta(minutes=15)
LEFT = timedelta(seconds=45)


@dataclass(slots=True)
class Register:
    """The register in memory; time passes only while requests are paced and functions wait."""

    time: datetime = NOW
    iys: IysCapture = field(init=False)
    ends: datetime = NOW

    def __post_init__(self) -> None:
        self.iys = IysCapture(lambda: self.time)

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        status, said = self.iys.answer(method, parts.path, query, body, token)
        return HttpsAnswer(status, {}, json.dumps(said).encode())

    def elapsed(self) -> float:
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def rows(addresses: int = ADDRESSES) -> Iterator[Row]:
    """Every address has one approval that is due; they are told until the register has answered for all."""
    register, table = Register(), MemoryTable(indexes=INDEXES["iys"], sized=True)
    records = IysRecords(table, "1-2")
    for number in range(addresses):
        mail = f"u{number}@example.com"
        key = KEYS(parse_identifier(f"email:{mail}"))
        due = Statement("ONAY", NOW.replace(microsecond=0), "HS_WEB", NOW + timedelta(days=3), f"said-{number}")
        records.put(Record(key, "BIREYSEL", "EPOSTA", mail, key, statements=(due,)))
    table.usage.reset()
    began, asked, runs = register.time, 0, 0
    while records.count("due", most=1) or records.uploads():
        starts = register.time
        register.ends = starts + RUN - LEFT
        exchange = _exchange(register, records, f"run-{runs}")
        exchange.run()
        asked, runs = asked + exchange.pace.requests, runs + 1
        last = register.time
        register.time = max(register.time, starts + EVERY)
    usage = table.usage
    of = f"telling IYS of {addresses:,} addresses"
    asking = "uploads of 1,000, their outcomes, a reading a run"
    yield Row(PART, f"{of}: requests to IYS", asked, "requests", note=asking)
    yield Row(PART, f"{of}: exchanges", runs, "runs")
    took = (last - began).total_seconds() / 60
    waiting = "the waiting between runs included"
    yield Row(PART, f"{of}: time at {PER_MINUTE} requests a minute", took, "min", note=waiting)
    writes, reads = usage.write_units / addresses, usage.read_units / addresses
    yield Row(PART, "an address told and answered: write units", writes, "WU")
    dollars = prices.of_units(write=writes, read=reads)
    yield Row(PART, "an address told and answered: read units", reads, "RU", dollars=dollars)
    yield Row(PART, "an address told and answered: requests", usage.requests / addresses, "requests")


def _exchange(register: Register, records: IysRecords, name: str) -> Exchange:
    store, phone = CustomerStore(MemoryTable()), phone_reader("TR")
    shop = Shop.model_validate({"name": "Bench", "iys": {"code": 1, "brand": 2}})
    api = IysApi(
        register,
        code=1,
        brand=2,
        secrets=lambda: {"username": "u", "password": "p"},
        elapsed=register.elapsed,
        base="https://iys.bench",
    )
    return Exchange(
        api,
        records,
        Intake(records, store, ConsentReader(store, KEYS, phone), KEYS, phone, lambda: shop),
        Pace(PER_MINUTE, register.elapsed, register.sleep),
        lambda: register.time,
        lambda: register.time < register.ends,
        name,
    )
