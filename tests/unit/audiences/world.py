"""A shop with customers in memory, and the advertising platforms as they are on the wire; time, outages and crashes are
the test's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cli.local.ads import AdsCapture
from functions.audiences.membership import Membership
from functions.audiences.telling import Telling
from shared.adapters.ad_platforms import GoogleAudiences, MetaAudiences, platforms
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.audiences.hashing import Platform, hashed
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.definitions.audience import Audience
from shared.domain.facts.facts import Facts
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds
from shared.domain.privacy.erasure import Erasure
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.profile.customer_item import Customer
from shared.stores.audience_entries import AudienceEntries
from shared.stores.consent_items import consent_items, put_first
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.erasures import put_marks
from shared.stores.right_marks import put_right_marks
from tests.support.troubles import CrashingTable, Troubles

KEYS = IdentifierKeys(b"a secret of the tests, 32 bytes!!")
START = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
RUN = timedelta(minutes=15)
LISTS = {"meta": "1001", "google": "2002"}


def audience(to: Platform, segment: str = "lost") -> Audience:
    return Audience(segment=segment, to=to, list=LISTS[to], account="77" if to == "google" else "")


def key_of(who: str) -> str:
    return KEYS(parse_identifier(who))


@dataclass
class World(Troubles):
    """What the tests of audiences play with."""

    moment: datetime = START
    audiences: dict[str, Audience] = field(default_factory=lambda: {"at-meta": audience("meta")})
    runs_for: timedelta = timedelta(minutes=20)
    most: int = 3
    steps: int = 100_000

    def __post_init__(self) -> None:
        self.ads = AdsCapture(lambda: self.moment, runs_for=self.runs_for)
        self.customers_table = MemoryTable(indexes=INDEXES["customers"])
        self.audiences_table = MemoryTable(indexes=INDEXES["audiences"])
        self.entries = AudienceEntries(CrashingTable(self.audiences_table, self.tick))
        self.seen = AudienceEntries(self.audiences_table)
        self.customers = CustomerStore(self.customers_table)
        reading = CustomerStore(CrashingTable(self.customers_table, self.tick))
        self.membership = Membership(self.entries, reading, lambda: self.audiences)
        meta = MetaAudiences(self, lambda: {"token": "t"}, "https://ads.test")
        secrets = {"developer_token": "d", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
        clock = lambda: self.moment.timestamp()  # noqa: E731
        google = GoogleAudiences(self, lambda: secrets, clock, "https://ads.test", "https://ads.test")
        self.platform = platforms(meta, google)

    def other_system(self, method: str, url: str, body: bytes, token: str) -> tuple[int, Any]:
        return self.ads.answer(method, urlsplit(url).path, body, token)

    def person(self, who: str, *, inside: bool, segment: str = "lost") -> None:
        """The customer of an address, and whether he is in the segment."""
        key = key_of(who)
        control = self.customers.control(key)
        if control.facts is None:
            self.customers.put_facts(key, StoredFacts(Facts(name=who), 1, 1), previous=0)
        known = control.customer or Customer()
        segments = {segment: milliseconds(self.moment)} if inside else {}
        self.customers.put_customer(key, Customer(known.version + 1, 1, segments=segments), previous=known.version)
        if inside:
            self.customers.put_member(key, segment, self.moment.isoformat())
        else:
            self.customers.delete_member(key, segment)

    def agree(self, who: str, *, granted: bool = True, purpose: str = "ads") -> None:
        key, at = key_of(who), self.moment
        channel = "sms" if who.startswith("phone") else "email"
        said = Consent(channel, purpose, granted, at, at, True, "web", f"m-{at.timestamp()}", key)
        put_first(self.customers_table, consent_items(ConsentRecord((key,), said), trusted=True))

    def object_to(self, who: str, since: datetime, lifted: datetime | None = None) -> None:
        key = key_of(who)
        mark = Mark(Held.OBJECT, f"case-{since.timestamp()}", key, since, lifted)
        put_right_marks(self.customers_table, [key], mark)

    def erase(self, who: str) -> None:
        key = key_of(who)
        put_marks(self.customers_table, Erasure("e1", (key,), self.moment, "x"), [key])
        self.customers_table.delete_many([(key, "customer"), (key, "facts"), (key, "member#lost")])

    def refresh(self, who: str) -> None:
        self.membership.refresh(key_of(who), self.membership.audiences(), self.moment)

    def telling(self) -> Telling:
        left = [self.steps]

        def time_left() -> bool:
            left[0] -= 1
            return left[0] > 0

        return Telling(
            self.entries, self.membership, self.membership.customers, self.platform, lambda: self.moment, time_left,
            most=self.most,
        )  # fmt: skip

    def run(self, times: int = 1) -> None:
        for _ in range(times):
            self.moment += RUN
            self.telling().run()

    def held(self, to: Platform = "meta") -> set[str]:
        return self.ads.members(LISTS[to])


def row(to: Platform, who: str) -> str:
    """An address as the platform holds it."""
    kind, _, value = who.partition(":")
    assert kind in {"email", "phone"}
    return f"{'EMAIL' if kind == 'email' else 'PHONE'} {hashed(to, 'email' if kind == 'email' else 'phone', value)}"
