"""A million customers whose memberships depend on passing time, without a million histories in memory.

A few hundred kinds of history, each shifted by up to a month: who bought 90 days ago today is one of many who did,
minutes apart. A customer's items are made when they are read first, and then stay.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.deployment import KEYS
from shared.adapters.memory import MemoryTable
from shared.adapters.usage import Usage
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.customer_item import Customer
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.memberships import memberships
from shared.ports import Page
from shared.stores.customers import CustomerStore, StoredFacts

START = datetime(2027, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = 200
EARLY = 0.003
"""Customers whose armed timer is of a flip that later events moved: it fires early and arms anew."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A history before START, the instants after it at which its memberships change, and what holds between them."""

    events: tuple[Event, ...]
    flips: tuple[timedelta, ...]
    inside: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Person:
    root: str
    kind: Kind
    older: timedelta
    """Her history lies so much further back than that of her kind."""
    early: datetime | None = None

    @property
    def armed(self) -> datetime | None:
        place = bisect_right(self.kind.flips, self.older)
        due = START + self.kind.flips[place] - self.older if place < len(self.kind.flips) else None
        return self.early if self.early is not None and due is not None and self.early < due else due

    def items(self, release: Release) -> list[dict[str, Any]]:
        """What the table holds of her at START."""
        scratch = MemoryTable()
        store = CustomerStore(scratch)
        facts = fold(Facts(), (shifted(event, self.older) for event in self.kind.events), release.features)
        store.put_facts(self.root, StoredFacts(facts, 1, release.number), previous=0)
        inside = self.kind.inside[bisect_right(self.kind.flips, self.older)]
        since = milliseconds(START - DAY)
        armed = self.armed
        customer = Customer(
            version=1,
            release=release.number,
            segments=dict.fromkeys(sorted(inside), since),
            armed=None if armed is None else milliseconds(armed),
        )
        store.put_customer(self.root, customer, previous=0)
        for segment in inside:
            store.put_member(self.root, segment, (START - DAY).isoformat())
        return scratch.items()


class CrowdTable(MemoryTable):
    """``customers`` in memory: people appear in it, uncounted, when they are read first."""

    def __init__(self, release: Release, people: Mapping[str, Person]) -> None:
        super().__init__()
        self._release = release
        self._people = people
        self._known: set[str] = set()

    def query(self, pk: str, **how: Any) -> Page:
        if pk not in self._known and pk in self._people:
            self._known.add(pk)
            counted, told = self.usage, self.on_change
            self.usage, self.on_change = Usage(), None
            for item in self._people[pk].items(self._release):
                self.put(item)
            self.usage, self.on_change = counted, told
        return super().query(pk, **how)


def crowd(release: Release, count: int, seed: int = 4) -> dict[str, Person]:
    """So many people by root."""
    chance = random.Random(seed)
    kinds = [_kind(release, chance) for _ in range(KINDS)]
    people: dict[str, Person] = {}
    for place in range(count):
        root = KEYS(Identifier(IdentifierType.USER, f"u-{place}"))
        early = START + timedelta(seconds=chance.randrange(86_400)) if chance.random() < EARLY else None
        older = timedelta(hours=chance.randrange(30 * 24))  # uses are known to the hour
        people[root] = Person(root, kinds[place % KINDS], older, early)
    return people


def shifted(event: Event, by: timedelta) -> Event:
    return Event(
        event.type, event.name, event.message_id, event.time - by, event.received_at - by, event.source, event.channel,
        event.trusted, event.identifiers, traits=event.traits, properties=event.properties, context=event.context,
    )  # fmt: skip


def _kind(release: Release, chance: random.Random) -> Kind:
    events = _history(chance)
    flips, inside = _walk(release, events)
    return Kind(events, flips, inside)


def _walk(release: Release, events: Sequence[Event]) -> tuple[tuple[timedelta, ...], tuple[frozenset[str], ...]]:
    """From START on, for as long as anybody of the kind needs: what holds, and when that may change."""
    profile = _profile(fold(Facts(), events, release.features))
    now, end = START, START + 40 * DAY
    flips: list[timedelta] = []
    inside: list[frozenset[str]] = []
    while True:
        found = memberships(release.segments, profile, release.shop, now, {})
        inside.append(frozenset(found.segments))
        if found.next_flip is None or found.next_flip > end:
            return tuple(flips), tuple(inside)
        flips.append(found.next_flip - START)
        now = found.next_flip


def _profile(facts: Facts) -> Profile:
    who = Identifier(IdentifierType.USER, "u-0")
    return profile_of(KEYS(who), (KEYS(who),), (who,), facts)


def _history(chance: random.Random) -> tuple[Event, ...]:
    """A shopper of the last two years: many bought once and never again, some come every month."""
    orders = chance.choices((0, 1, 2, 4, 8, 14), (30, 35, 15, 10, 7, 3))[0]
    days = sorted((chance.expovariate(1 / 150) % 700 for _ in range(orders)), reverse=True)
    events = [_identify(chance)]
    for place, ago in enumerate(days):
        product = {"product_id": f"P{chance.randrange(40)}", "price": chance.choice((99, 349, 899)), "quantity": 1}
        product |= {"category": chance.choice(("Shoes", "Bags", "Coats")), "name": "Keten Gömlek"}
        said = {"order_id": f"K{place}", "total": product["price"], "currency": "TRY", "products": [product]}
        if chance.random() < 0.3:
            said["coupon"] = "YENI10"
        events.append(_track("Order Completed", ago, said, chance))
    events += [
        _track("Product Viewed", chance.expovariate(1 / 60) % 400, {"product_id": "P1"}, chance)
        for _ in range(chance.choices((0, 3, 10), (50, 35, 15))[0])
    ]
    for place in range(chance.choices((0, 2, 8), (50, 35, 15))[0]):
        ago = chance.expovariate(1 / 60) % 300
        said = {"message_id": f"m{place}", "purpose": "marketing"}
        events.append(_track("Email Delivered", ago + 0.1, said, chance))
        events.append(_track("Email Link Clicked", ago, said, chance))
    return tuple(events)


def _identify(chance: random.Random) -> Event:
    traits = {"email": "ayse@example.com", "firstName": "Ayşe", "city": chance.choice(("İstanbul", "Ankara", "İzmir"))}
    return _event(EventType.IDENTIFY, "", 500, {}, chance, traits)


def _track(name: str, ago: float, properties: dict[str, Any], chance: random.Random) -> Event:
    return _event(EventType.TRACK, name, ago, properties, chance, {})


def _event(
    kind: EventType, name: str, ago: float, properties: dict[str, Any], chance: random.Random, traits: dict[str, Any]
) -> Event:
    time = START - timedelta(milliseconds=round(ago * 86_400_000))
    who = (Identifier(IdentifierType.USER, "u-0"),)
    message = f"m-{chance.getrandbits(64):x}"
    return Event(
        kind, name, message, time, time, "server", "web", True, who, traits=traits, properties=properties,
        context={"timezone": "Europe/Istanbul"},
    )  # fmt: skip
