"""A shop with its consents in memory, and IYS as it is on the wire; time, outages and crashes are the test's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cli.local.iys import IysCapture
from functions.iys.consent_reader import ConsentReader
from functions.iys.exchange import Exchange
from functions.iys.intake import Intake
from functions.iys.pace import Pace
from shared.adapters.indexes import INDEXES
from shared.adapters.iys_api import IysApi
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import Identifier, parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.iys.record import Record
from shared.ports.iys import IysDown
from shared.stores.consent_items import consent_items, put_first
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.iys_records import IysRecords
from tests.support.troubles import CrashingTable, Troubles

KEYS = IdentifierKeys(b"a secret of the tests, 32 bytes!!")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, noon in Turkey
SHOP = Shop.model_validate({"name": "Test", "iys": {"code": 1, "brand": 2}, "require_iys": True})
RUN = timedelta(minutes=15)


@dataclass
class World(Troubles):
    """What the tests of IYS play with."""

    moment: datetime = START
    works_after: timedelta = timedelta(minutes=20)
    most: int = 3
    questions: int = 0
    numbers: int = 0

    def __post_init__(self) -> None:
        self.iys = IysCapture(lambda: self.moment, works_after=self.works_after)
        self.customers_table = MemoryTable(indexes=INDEXES["customers"])
        self.iys_table = MemoryTable(indexes=INDEXES["iys"])
        self.store = CustomerStore(CrashingTable(self.customers_table, self.tick))
        self.records = IysRecords(CrashingTable(self.iys_table, self.tick), "1-2")
        self.seen, self.seen_records = CustomerStore(self.customers_table), IysRecords(self.iys_table, "1-2")
        phone = phone_reader("TR")
        self.intake = Intake(
            self.records, self.store, ConsentReader(self.store, KEYS, phone), KEYS, phone, lambda: SHOP
        )
        self.api = IysApi(
            self,
            code=1,
            brand=2,
            secrets=lambda: {"username": "u", "password": "p"},
            elapsed=lambda: self.moment.timestamp(),
            base="https://iys.test",
        )

    def other_system(self, method: str, url: str, body: bytes, token: str) -> tuple[int, Any]:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self.iys.answer(method, parts.path, query, body, token)

    def say(self, who: str, *, granted: bool, at: datetime | None = None, **more: Any) -> Consent:
        """A statement as ingest stores it, under its address; the queue's message is refresh."""
        self.numbers += 1
        address = parse_identifier(who)
        key = KEYS(address)
        said = Consent(
            channel="sms" if who.startswith("phone") else "email",
            purpose=more.pop("purpose", "marketing"),
            granted=granted,
            time=at or self.moment,
            received_at=self.moment,
            may_grant=True,
            source=more.pop("source", "web"),
            message_id=f"said-{self.numbers}",
            address_key=key,
            **more,
        )
        put_first(self.customers_table, consent_items(ConsentRecord((key,), said), trusted=True))
        self.customers_table.put_many([event_item(_event(said, address), KEYS)])
        return said

    def refresh(self, who: str) -> None:
        self.intake.refresh(KEYS(parse_identifier(who)), self.moment)

    def exchange(self) -> Exchange:
        self.numbers += 1
        return Exchange(
            self.api,
            self.records,
            self.intake,
            Pace(6_000, lambda: 0.0, lambda _seconds: None),
            lambda: self.moment,
            lambda: True,
            f"run{self.numbers}",
            most=self.most,
            questions=self.questions,
        )

    def run(self, times: int = 1) -> None:
        """Runs as the clock brings them, a quarter of an hour apart; an outage ends a run."""
        for _ in range(times):
            self.moment += RUN
            try:
                self.exchange().run()
            except IysDown:
                continue

    def granted(self, who: str) -> bool:
        """What the gate would find."""
        key = KEYS(parse_identifier(who))
        said = self.seen.control(key).consents
        return consent_state(said, "sms" if who.startswith("phone") else "email", "marketing", key, self.moment).granted

    def record(self, who: str, kind: Any = "BIREYSEL") -> Record | None:
        return self.seen_records.get(KEYS(parse_identifier(who)), kind)

    def at_iys(self, who: str, kind: str = "BIREYSEL") -> str | None:
        found = self.iys.last(who.partition(":")[2], "MESAJ" if who.startswith("phone") else "EPOSTA", kind)
        return None if found is None else str(found["status"])

    def told(self, who: str) -> Sequence[str]:
        """Every status that IYS took of an address, in order."""
        kind = "MESAJ" if who.startswith("phone") else "EPOSTA"
        return [one["status"] for one in self.iys.held.get(f"{who.partition(':')[2]}|BIREYSEL|{kind}", [])]


def _event(said: Consent, who: Identifier) -> Event:
    return Event(
        type=EventType.TRACK,
        name="Consent Granted" if said.granted else "Consent Withdrawn",
        message_id=said.message_id,
        time=said.time,
        received_at=said.received_at,
        source=said.source,
        channel=said.source,
        trusted=True,
        identifiers=(who,),
        properties={"channel": said.channel, "purpose": said.purpose},
    )
