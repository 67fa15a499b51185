"""A person's rights: what an erasure and a copy of a customer with a long history ask of the tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import prices
from benchmarks.deployment import KEYS, SERVER, Deployment
from benchmarks.rows import Row
from benchmarks.shopper import Shopper
from functions.privacy.erasing import Erasing
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.adapters.usage import Usage
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER, Erasure
from shared.operators.person_copy import everything_of, write_copy
from shared.ports import Clock, Table
from shared.ports.objects import Found
from shared.queries.persons_part import whole_part
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases

PART = "privacy"
EVENTS = 1_000
MESSAGES = 50
"""Records of what was sent to the customer."""


class NoFiles:
    """A bucket in which nothing of the customer lies."""

    def listed(self, prefix: str) -> Iterator[Found]:
        yield from ()

    def fetch(self, key: str, folder: Path) -> Path:
        raise AssertionError(key)

    def beginning(self, key: str, size: int) -> bytes:
        raise AssertionError(key)

    def put(self, key: str, file: Path) -> None:
        raise AssertionError(key)

    def delete(self, keys: Iterable[str]) -> None:
        raise AssertionError(list(keys))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a copy is read from."""

    clock: Clock
    customers: Table
    messages: Table
    catalog: Table
    timers: Table
    conversations: Conversations
    iys: IysRecords
    keys: Any = KEYS
    phone: Any = field(default_factory=lambda: phone_reader("TR"))


def rows(events: int = EVENTS, messages: int = MESSAGES) -> Iterator[Row]:
    """One customer with an account, an address, a phone number, a browser and an app."""
    deployment, tables = Deployment(), _tables()
    root = _customer(deployment, tables, events, messages)
    counted = [deployment.customers, deployment.catalog, deployment.interests, *tables.values()]
    for table in counted:
        table.usage.reset()
    size = _copy(deployment, tables, root)
    yield from _described("a copy", counted, events)
    yield Row(
        PART, f"a copy of {events:,} events: the ZIP", size / 1024, "KB", note="what it holds is read page by page"
    )
    steps = _erase(deployment, tables, root)
    yield from _described("an erasure", counted, events, note=f"with the second look; {steps} items were deleted")


def _tables() -> dict[str, MemoryTable]:
    return {name: MemoryTable(indexes=INDEXES[name]) for name in ("messages", "stock", "conversations", "iys")}


def _customer(deployment: Deployment, tables: dict[str, MemoryTable], events: int, messages: int) -> str:
    shopper = Shopper()
    deployment.send(shopper.messages(events - 2))
    when = deployment.clock.time.isoformat()
    traits = {"email": "ayse@example.com", "phone": "+905321112233", "firstName": "Ayşe"}
    record = {"type": "identify", "userId": shopper.user, "traits": traits, "timestamp": when, "messageId": "record"}
    device = {"id": "phone-1", "type": "ios", "token": "token-1"}
    opened = {
        "type": "screen", "userId": shopper.user, "name": "Home", "context": {"device": device}, "timestamp": when,
        "messageId": "opened",
    }  # fmt: skip
    deployment.send([record, opened], SERVER)
    deployment.deliver()
    root = KEYS(parse_identifier(f"user:{shopper.user}"))
    tables["messages"].put_many([_message(root, number) for number in range(messages)])
    return root


def _message(home: str, number: int) -> dict[str, Any]:
    """A record of the ledger, as large as that of an e-mail."""
    address = KEYS(parse_identifier("email:ayse@example.com"))
    return {
        "pk": f"m{number:025}", "sk": "message", "home": home, "root": home, "at": f"2027-05-01T10:00:{number:02}.000Z",
        "version": 3, "state": "sent", "decided_ms": 1, "updated_ms": 1, "sent_ms": 1, "journey": "cart",
        "step": "reminder", "template": "cart", "purpose": "marketing", "channel": "email", "due_ms": 1, "clock_ms": 1,
        "enrollment": "e", "attempts": 1,
        "release": 1, "text": "Sepetiniz sizi bekliyor", "address_key": address,
    }  # fmt: skip


def _copy(deployment: Deployment, tables: dict[str, MemoryTable], root: str) -> int:
    """How large the ZIP is, in bytes."""
    asked = Asked(
        deployment.clock, deployment.customers, tables["messages"], deployment.catalog, deployment.timers,
        Conversations(tables["conversations"]), IysRecords(tables["iys"]),
    )  # fmt: skip
    told = everything_of(asked, whole_part(CustomerStore(deployment.customers), root))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "copy.zip"
        write_copy(told, "tr", file, lambda _message, _number, _folder: None)
        return file.stat().st_size


def _erase(deployment: Deployment, tables: dict[str, MemoryTable], root: str) -> int:
    """How many items were deleted."""
    homes = whole_part(CustomerStore(deployment.customers), root).homes
    now = deployment.clock.time
    Erasures(deployment.catalog).put(Erasure("e-1", homes, now, "bench"))
    erasing = Erasing(
        customers=deployment.customers, messages=tables["messages"], catalog=deployment.catalog, stock=tables["stock"],
        interests=deployment.interests, conversations=tables["conversations"], releases=Releases(deployment.catalog),
        keys=KEYS, files=NoFiles,
    )  # fmt: skip
    for later in (timedelta(), CONFIRM_AFTER):
        done = erasing.run("e-1", now + later, time_left=lambda: True)
    return sum(done.removed.values()) if done is not None else 0


def _described(what: str, tables: list[MemoryTable], events: int, note: str = "") -> Iterator[Row]:
    """Of all tables together, since the last call."""
    spent = [Usage(one.usage.requests, one.usage.read_units, one.usage.write_units) for one in tables]
    for table in tables:
        table.usage.reset()
    read, write = sum(one.read_units for one in spent), sum(one.write_units for one in spent)
    of = f"{what} of {events:,} events"
    yield Row(PART, f"{of}: requests", sum(one.requests for one in spent), "requests", note=note)
    yield Row(PART, f"{of}: read units", read, "RU")
    yield Row(PART, f"{of}: write units", write, "WU", dollars=prices.of_units(read=read, write=write))
