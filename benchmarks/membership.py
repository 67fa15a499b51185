"""Membership that is right within a minute: what a tick costs, a flip, and a month, against scanning everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from benchmarks import prices
from benchmarks.deployment import KEYS, Clock, Failures, ready_definitions
from benchmarks.membership_crowd import START, CrowdTable, Person, crowd
from benchmarks.processor import best_of
from benchmarks.rows import Row
from functions.segment import on_due
from functions.segment.environment import Environment
from shared.adapters.memory import Change, MemoryTable, bytes_of, read_units
from shared.domain.definitions.release import Release
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import CUSTOMER, FACTS
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.memberships import memberships
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases
from shared.stores.timers import Timers

PART = "membership"
MILLION = 1_000_000
MINUTES = 24 * 60
MONTH = 30
"""Days of the modelled month."""
# None asks about days of the calendar: a history that lies some hours back must turn just those hours earlier.
SEGMENTS: dict[str, dict[str, Any]] = {
    "high-value": {"orders": {"more_than": 5, "within": "180d"}},
    "at-risk": {"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "90d"}}}]},
    "lost": {"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "365d"}}}]},
    "new": {"orders": {"first": {"within": "30d"}}},
    "recent": {"orders": {"last": {"within": "14d"}}},
    "engaged": {
        "all": [
            {"orders": {"at_least": 1, "within": "30d"}},
            {"clicks": {"channel": "email", "purpose": "marketing", "by": "human", "at_least": 2, "within": "90d"}},
        ]
    },
    "clickers": {"clicks": {"channel": "email", "at_least": 3, "within": "180d"}},
    "unmoved": {
        "all": [
            {"received": {"channel": "email", "at_least": 3, "within": "90d"}},
            {"not": {"clicks": {"channel": "email", "at_least": 1, "within": "90d"}}},
        ]
    },
    "one-time-buyer": {"orders": {"exactly": 1}},
    "spender": {"orders": {"total": {"at_least": 1500}, "within": "365d"}},
    "big-baskets": {"orders": {"average": {"more_than": 500}, "within": "365d"}},
    "discount-seeker": {"orders": {"at_least": 2, "within": "365d", "coupon": True}},
    "shoes": {"orders": {"at_least": 1, "within": "180d", "category": "Shoes"}},
    "bags-and-coats": {"orders": {"at_least": 1, "within": "90d", "category": ["Bags", "Coats"]}},
    "browsing": {"event": {"name": "Product Viewed", "at_least": 3, "within": "30d"}},
    "looked-at-p1": {"event": {"name": "Product Viewed", "where": {"product_id": "P1"}, "within": "14d"}},
    "istanbul": {"trait": {"name": "city", "is": "İstanbul"}},
    "active": {"active": {"within": "60d"}},
    "loyal-gone": {
        "all": [{"orders": {"at_least": 3, "within": "365d"}}, {"not": {"orders": {"at_least": 1, "within": "120d"}}}]
    },
    "vip-at-risk": {"all": [{"in_segment": "spender"}, {"not": {"orders": {"at_least": 1, "within": "60d"}}}]},
}


def rows(count: int = MILLION) -> Iterator[Row]:
    """``count``: customers of the simulated day, and timers pending in the larger of the two ticks."""
    yield from _ticks(count)
    day = _day(count)
    yield from _flips(day)
    yield from _processor()
    yield from _month(day)


def _ticks(count: int) -> Iterator[Row]:
    """A tick with nothing due asks each shard once, whatever is pending."""
    for pending in (1_000, count):
        table = MemoryTable()
        timers = Timers(table)
        dues = sorted(START + timedelta(seconds=place % 8_000_000) for place in range(pending))
        for place, due in enumerate(dues):
            table.put(timers.item("flip", due, f"u.{place:022d}", "segments", 0))
        table.usage.reset()
        with_nothing_due = START - timedelta(minutes=1)
        assert not list(timers.drain("flip", with_nothing_due, owner="benchmark", until=START))
        name = f"(a) tick with nothing due, {pending:,} customers pending"
        yield Row(PART, f"{name}: requests", table.usage.requests, "", None, None)
        yield Row(PART, f"{name}: read units", table.usage.read_units, "RU", 16)


@dataclass(slots=True)
class Day:
    """What a day of passing time alone came to."""

    customers: int
    pending: int
    fired: int = 0
    changed: int = 0
    rearmed: int = 0
    requests: int = 0
    read: float = 0.0
    write: float = 0.0
    seconds: float = 0.0
    idle_read: float = 0.0
    read_all: float = 0.0
    """Read units of one customer's items, on average: what a scan pays for each."""


class _Context:
    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 55_000


def _day(count: int) -> Day:
    """The function of every minute, all day long, over so many customers to whom nothing else happens."""
    release = _release()
    people = crowd(release, count)
    customers, timers, clock = CrowdTable(release, people), MemoryTable(), Clock()
    armed = sorted((due, root) for root, person in people.items() if (due := person.armed) is not None)
    store = Timers(timers)
    for due, root in armed:
        timers.put(store.item("flip", due, root, "segments", 0))
    day = Day(count, len(armed))
    customers.on_change = lambda change: _note(change, people, day)
    catalog = MemoryTable()
    Releases(catalog).publish(replace(release, number=0))
    composed = Environment(
        clock=clock,
        store=CustomerStore(customers),
        timers=store,
        releases=Releases(catalog, monotonic=clock.seconds),
        keys=KEYS,
        failures=Failures(),
        metrics=MemoryTable(),
    )
    customers.usage.reset()
    timers.usage.reset()
    began = time.process_time()
    for minute in range(1, MINUTES + 1):
        clock.time = START + timedelta(minutes=minute)
        done = on_due.respond(_Context(), composed)
        day.fired += done["fired"]
        if done["stray"] or done["poisoned"]:
            raise AssertionError(f"the crowd is not what its timers say: {done}")
    day.seconds = time.process_time() - began
    day.requests = customers.usage.requests + timers.usage.requests
    day.read = customers.usage.read_units + timers.usage.read_units
    day.write = customers.usage.write_units + timers.usage.write_units
    day.read_all = _scanned(release, people)
    return day


def _note(change: Change, people: dict[str, Person], day: Day) -> None:
    """A decision changed memberships, or found its timer early and only armed the next."""
    new = change[1]
    if new is None or new["sk"] != CUSTOMER:
        return
    if new.get("entered") or new.get("left"):
        day.changed += 1
    elif people[new["pk"]].early is not None:
        day.rearmed += 1


def _scanned(release: Release, people: dict[str, Person], sample: int = 200) -> float:
    """What reading a customer costs a scan, which pays for bytes: facts and ``customer``, in units of 4 KB."""
    roots = list(people)[:: max(1, len(people) // sample)]
    sizes = [
        sum(bytes_of(item) for item in people[root].items(release) if item["sk"] in (FACTS, CUSTOMER)) for root in roots
    ]
    return read_units(sum(sizes)) / len(roots) / 2  # eventually consistent, as a scan that costs least


def _flips(day: Day) -> Iterator[Row]:
    others = day.fired - day.rearmed
    population = f"{day.customers:,} customers, {len(SEGMENTS)} segments, one day"
    yield Row(PART, f"(b) {population}: timers pending at its begin", day.pending, "")
    yield Row(PART, "    decisions that changed memberships", day.changed, "", None, None)
    yield Row(PART, "    customers read per flip", others / max(1, day.changed), "", 1.0)
    yield Row(PART, "    early timers armed anew, counted apart", day.rearmed, "")
    cost = prices.of_units(read=day.read / day.fired, write=day.write / day.fired)
    note = f"{day.requests / day.fired:.1f} requests, timers and all {MINUTES:,} ticks included"
    yield Row(PART, "    read units per fired timer", day.read / day.fired, "RU")
    yield Row(PART, "    write units per fired timer", day.write / day.fired, "WU", None, cost, note)
    ms = day.seconds / day.fired * 1000
    yield Row(PART, "    processor per fired timer", ms, "ms", None, prices.of_cpu(ms / 1000), "table in memory")


def _processor() -> Iterator[Row]:
    """A customer with 14 orders and some clicks, all segments, nothing kept between evaluations."""
    release = _release()
    people = crowd(release, 400)
    busiest = max(people.values(), key=lambda person: len(person.kind.events))
    typical = sorted(people.values(), key=lambda person: len(person.kind.events))[len(people) // 2]
    for name, person in (("typical", typical), ("busiest", busiest)):
        facts = fold(Facts(), person.kind.events, release.features)
        who = Identifier(IdentifierType.USER, "u-0")

        def work(facts: Facts = facts, who: Identifier = who) -> None:
            profile = profile_of(KEYS(who), (KEYS(who),), (who,), facts)
            memberships(release.segments, profile, release.shop, START, {})

        def read(facts: Facts = facts, who: Identifier = who) -> None:
            profile_of(KEYS(who), (KEYS(who),), (who,), facts)

        ms = (best_of(15, work, times=50) - best_of(15, read, times=50)) * 1000
        target = 0.2 if name == "typical" else None
        note = f"{len(person.kind.events)} events"
        what = f"(c) {len(SEGMENTS)} segments of the {name} customer"
        yield Row(PART, what, ms, "ms", target, prices.of_cpu(ms / 1000), note)


def _month(day: Day) -> Iterator[Row]:
    """Modelled: what is billed for a month of the same days; a scan reads everybody each time, and evaluates them."""
    per_day = prices.of_units(read=day.read, write=day.write) / 1_000_000
    ticks = MINUTES * prices.INVOCATIONS / 1_000_000
    ours = MONTH * (per_day + ticks + prices.of_cpu(day.seconds) / 1_000_000)
    yield Row(PART, f"(d) a month of it, {day.customers:,} customers: flips", ours, "$", None, None, "modelled")
    evaluated = day.seconds / max(1, day.fired) * day.customers
    scan = (prices.of_units(read=day.read_all * day.customers) + prices.of_cpu(evaluated)) / 1_000_000
    flips = MONTH * prices.of_units(write=day.write) / 1_000_000
    for name, times in (("hourly scan", 24), ("scan every minute", MINUTES)):
        note = f"{day.read_all:.2f} RU a customer and scan; {MONTH * times * scan / ours:,.0f} times as much"
        yield Row(PART, f"    the same by {name}", MONTH * times * scan + flips, "$", None, None, note)


def _release() -> Release:
    segments = [SegmentDefinition.model_validate({"segment": name, "who": who}) for name, who in SEGMENTS.items()]
    return Release(1, ready_definitions().shop, tuple(segments))
