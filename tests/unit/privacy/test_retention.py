"""Who has been kept long enough is counted, and erased if the shop says so: against the raw events, by hand."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.privacy.environment import Environment
from functions.privacy.on_queue import respond
from functions.privacy.retention import Retaining
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.definitions.release import Release
from shared.domain.definitions.retention import Retention
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.privacy.case import Case, CaseState, Entry, Right
from shared.domain.privacy.data_map import unmapped
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.privacy.retention import Signs, due
from shared.domain.profile.customer_item import Customer
from shared.operators.retention import retention
from shared.stores.cases import Cases
from shared.stores.consent_items import consent_items, put_first
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.erasures import Erasures
from shared.stores.releases import Releases
from shared.stores.retention_log import RetentionLog, Walk
from shared.stores.right_marks import put_right_marks
from tests.support.interleaving import Crash
from tests.support.troubles import CrashingTable
from tests.unit.ingest.world import ListQueue

LONG_AGO = datetime(2016, 5, 1, tzinfo=UTC)
pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEYS = IdentifierKeys(b"a secret of the tests, 32 bytes!!")
AGES = (1, 100, 300, 420, 900, 1_700, 1_900, 4_000)
"""In days; none near a limit of ``RULES``."""
RULES = Retention(carry_out=True)


@dataclass
class Shop1:
    """Customers in memory. ``crash_in``: after so many calls the function ends."""

    now: datetime = NOW
    crash_in: int | None = None
    said: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.customers_table = MemoryTable(indexes=INDEXES["customers"])
        self.catalog = MemoryTable()
        self.store, self.queue = CustomerStore(self.customers_table), ListQueue()
        customers: Any = CrashingTable(self.customers_table, self._tick)
        catalog: Any = CrashingTable(self.catalog, self._tick)
        self.retaining = Retaining(
            CustomerStore(customers), Erasures(catalog), Cases(catalog), RetentionLog(catalog), self.queue
        )

    def _tick(self) -> Any:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in == 0:
                self.crash_in = None
                raise Crash
        return lambda: None

    def person(self, name: str, *said: tuple[str, int]) -> str:
        """What was said of a person, each so many days ago."""
        who = parse_identifier(f"user:n{name}")
        key = KEYS(who)
        events = [_event(what, NOW - timedelta(days=age), f"{name}-{number}", who) for number, (what, age) in
                  enumerate(said) if what in {"order", "visit", "sent"}]  # fmt: skip
        facts = fold(Facts(name=str(who)), events, features())
        self.store.put_facts(key, StoredFacts(facts, 1, 1), previous=0)
        self.store.put_customer(key, Customer(1, 1), previous=0)
        for number, (what, age) in enumerate(said):
            if what in {"agree", "refuse", "bounce"}:
                at = NOW - timedelta(days=age)
                source, origin = ("ses", "hard_bounce") if what == "bounce" else ("web", "")
                made = Consent(
                    "email", "marketing", what == "agree", at, at, True, source, f"{name}-c{number}", origin=origin
                )
                put_first(self.customers_table, consent_items(ConsentRecord((key,), made), trusted=True))
        self.said[name] = list(said)
        return key

    def restrict(self, key: str) -> None:
        put_right_marks(self.customers_table, [key], Mark(Held.RESTRICT, "c1", key, NOW))

    def asked(self, key: str) -> None:
        case = Case("case-1", Right.EXPORT, key, NOW, (Entry(NOW, CaseState.OPEN, "person"),))
        Cases(self.catalog).put(case)

    def run(self, rules: Retention = RULES, steps: int = 100_000) -> None:
        left = [steps]

        def time_left() -> bool:
            left[0] -= 1
            return left[0] >= 0

        self.retaining.run(rules, self.now, time_left=time_left)

    def begun(self) -> set[str]:
        """The customers whose erasure was asked for."""
        found = set()
        for body in self.queue.bodies:
            erasure = Erasures(self.catalog).get(json.loads(body)["erasure"])
            assert erasure is not None
            assert (erasure.by, erasure.case, erasure.request) == ("retention", "", "")
            found |= set(erasure.homes)
        return found


def _event(what: str, at: datetime, name: str, who: Any) -> Event:
    channel = "email" if what == "sent" else "web"
    properties = {"order_id": name, "total": 5} if what == "order" else {}
    named = {"order": "Order Completed", "visit": "Product Viewed", "sent": "Email Sent"}[what]
    return Event(EventType.TRACK, named, name, at, at, channel, channel, True, (who,), properties=properties)


def by_hand(said: list[tuple[str, int]]) -> str:
    """Why a person is due, from what was said of him; empty if he is not."""
    signs = [age for what, age in said if what in {"order", "visit", "agree", "refuse"}]
    if not signs:
        return ""
    statements = sorted((-age, what == "refuse") for what, age in said if what in {"agree", "refuse"})
    agreed = bool(statements) and not statements[-1][1]
    known = agreed or any(what == "order" for what, _ in said)
    limit = 1_825 if known else 365
    return ("customer" if known else "prospect") if min(signs) > limit else ""


@pytest.mark.parametrize("seed", range(25))
def test_who_is_erased_is_who_is_due_by_hand(seed: int) -> None:
    """Random people, restrictions and requests; a small pace; a crash after any call; several days."""
    luck, shop = random.Random(seed), Shop1()
    wanted, stay = set(), 0
    for number in range(40):
        kinds = ("order", "visit", "visit", "sent", "agree", "refuse", "bounce")
        ages = luck.sample(AGES, luck.randrange(1, 4))
        said = [(luck.choice(kinds), age) for age in ages]
        key = shop.person(str(number), *said)
        held = luck.random() < 0.15
        if held:
            shop.restrict(key)
        if by_hand(said):
            stay += held
            wanted |= set() if held else {key}
    rules = Retention(carry_out=True, per_day=luck.choice((3, 10, 500)))
    for _ in range(60):
        shop.crash_in = luck.choice((None, luck.randrange(1, 60)))
        before = len(shop.begun())
        with suppress(Crash):
            shop.run(rules, luck.choice((2, 10, 100)))
        assert len(shop.begun()) - before <= rules.per_day + 1, "a crash may repeat one"
        shop.now += timedelta(hours=luck.choice((1, 1, 25)))
        walk = RetentionLog(shop.catalog).current()
        if walk is not None and walk.ended_at is not None:
            break
    shop.crash_in = None
    shop.run(rules)
    walk = RetentionLog(shop.catalog).current()
    assert walk is not None
    assert walk.ended_at is not None
    assert shop.begun() == wanted
    if not stay:
        assert walk.counts["kept"] == 0
    assert unmapped("catalog", shop.catalog.items()) == []


def test_a_dry_run_counts_and_touches_nobody() -> None:
    """It is so as long as the shop says nothing."""
    shop = Shop1()
    shop.person("gone", ("order", 4_000))
    shop.person("here", ("order", 100))
    shop.person("looked", ("visit", 420))
    restricted = shop.person("claim", ("visit", 900))
    shop.restrict(restricted)
    before = sorted(map(str, shop.customers_table.items()))
    shop.run(Retention())
    walk = RetentionLog(shop.catalog).current()
    assert walk is not None
    assert dict(walk.counts) == {"looked_at": 4, "customer": 1, "prospect": 1, "kept": 1}
    assert (sorted(map(str, shop.customers_table.items())), shop.queue.bodies) == (before, [])
    Releases(shop.catalog).publish(Release(0, Shop(name="Moda")))
    answering: Any = SimpleNamespace(catalog=shop.catalog)
    shown = retention(answering)
    assert (shown["rules"]["carry_out"], shown["walk"]["customer"], shown["log"][0]["begun"]) == (False, 1, 0)


def test_who_asked_for_something_waits_for_the_answer() -> None:
    shop = Shop1()
    shop.asked(shop.person("gone", ("order", 4_000)))
    shop.run()
    assert shop.begun() == set()
    walk = RetentionLog(shop.catalog).current()
    assert walk is not None
    assert walk.counts["kept"] == 1


@pytest.mark.parametrize(
    ("signs", "why"),
    [
        (Signs(LONG_AGO, known=True, open=False), "customer"),
        (Signs(LONG_AGO, known=True, open=True), None),
        (Signs(LONG_AGO, known=False, open=True), None),
        (Signs(None, known=False, open=False), None),
    ],
)
def test_whom_the_shop_owes_something_stays(signs: Signs, why: str | None) -> None:
    """However long ago he was heard of; and of whom nothing is remembered nothing is decided."""
    assert due(signs, Retention(), LONG_AGO + timedelta(days=4_000), held=False) == why


def test_a_walk_begins_once_a_week() -> None:
    shop = Shop1()
    shop.run()
    shop.person("gone", ("order", 4_000))
    shop.now += timedelta(days=6)
    shop.run()
    assert shop.begun() == set()
    shop.now += timedelta(days=1, hours=1)
    shop.run()
    assert len(shop.begun()) == 1
    assert [walk.counts.get("begun", 0) for walk in RetentionLog(shop.catalog).ended()] == [1, 0]


def test_the_pace_of_a_day_is_kept() -> None:
    """Who is over it comes the next day, from where the walk stands."""
    shop, rules = Shop1(), Retention(carry_out=True, per_day=2)
    for number in range(5):
        shop.person(str(number), ("order", 4_000))
    counts = []
    for _ in range(3):
        shop.run(rules)
        shop.run(rules)
        counts.append(len(shop.begun()))
        shop.now += timedelta(days=1)
    assert counts == [2, 4, 5]


def test_an_erasure_that_was_not_queued_is_queued_later() -> None:
    """Whoever began it died before that."""
    shop = Shop1()
    key = shop.person("gone", ("order", 4_000))
    shop.run()
    shop.queue.bodies.clear()
    RetentionLog(shop.catalog).put(Walk(NOW - timedelta(days=8)))
    shop.run()
    assert shop.begun() == {key}
    assert len(list(Erasures(shop.catalog).page(limit=10)[0])) == 1


def test_the_function_reads_the_shops_answers() -> None:
    shop = Shop1()
    shop.person("gone", ("visit", 100))
    rules = {"prospects_days": 60, "carry_out": True}
    Releases(shop.catalog).publish(Release(0, Shop.model_validate({"name": "Moda", "retention": rules})))
    context: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
    clock: Any = SimpleNamespace(now=lambda: shop.now)
    nobody: Any = None

    def retaining() -> tuple[Retaining, Retention]:
        return shop.retaining, Releases(shop.catalog).current(refresh=True).shop.retention

    composed = Environment(clock, nobody, shop.queue, timedelta(), retaining=retaining)
    event = {"Records": [{"messageId": "1", "body": json.dumps({"retention": True})}]}
    for _ in range(2):
        assert respond(event, context, composed) == {"batchItemFailures": []}
    assert len(shop.begun()) == 1
    assert len(shop.queue.bodies) == 1
