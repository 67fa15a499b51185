"""One customer, some segments and an instant; and the real way from events to truths, to compare with the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.domain.consent.consent import Consent
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import evaluate
from shared.domain.segments.evaluation_result import Evaluation
from shared.domain.segments.oracle import History, MemberLog, holds
from tests.support.cases import LONG
from tests.support.segment_history import (
    ANCHORS,
    DURATIONS,
    MEMBER_KEYS,
    MOST_AHEAD,
    MS,
    TOPICS,
    ZONES,
    Told,
    statement,
    told,
)
from tests.support.segment_rules import definition
from tests.support.world import KEYS

SHOPS = tuple(
    Shop(name="Test", time_zone=zone, orders_ignore=ignore, orders_from=orders_from)
    for orders_from in ("any", "trusted")
    for zone in ("Europe/Istanbul", "America/New_York")
    for ignore in (("cancelled", "fully_refunded"), ("cancelled",), ())
)

MOST_EVENTS = 16 if LONG else 10
_LARGEST = 2**24


@dataclass(frozen=True)
class Case:
    """``told`` in the order of arrival, which is any order. ``until`` cuts the third member, a shared browser.

    ``root`` decides by how much the customer's local days are moved.
    """

    root: str
    shop: Shop
    definitions: tuple[SegmentDefinition, ...]
    told: tuple[Told, ...]
    consents: tuple[Consent, ...]
    until: int | None
    now: datetime

    @cached_property
    def others(self) -> dict[str, SegmentDefinition]:
        return {one.segment: one for one in self.definitions}

    @cached_property
    def release(self) -> Release:
        return Release(1, self.shop, segments=self.definitions)

    def arrived(self, when: datetime) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.event.received_at <= when)

    def history(self, events: Sequence[Told], consents: Sequence[Consent]) -> History:
        """What the oracle reads."""
        members = [
            MemberLog(key, [one.event for one in events if one.member == place], self.until if place == 2 else None)
            for place, key in enumerate(MEMBER_KEYS)
        ]
        return History(self.root, members, consents, self.shop.orders_from)

    def profile(self, events: Sequence[Told], consents: Sequence[Consent]) -> Profile:
        """What production reads: each member's facts, folded in two batches, stored and joined."""
        parts = [self._facts(place, [one.event for one in events if one.member == place]) for place in range(3)]
        whole = join(*parts)
        names = tuple(parse_identifier(part.name) for part in parts if part.name)
        return profile_of(self.root, MEMBER_KEYS, names, whole, consents=tuple(consents))

    def _facts(self, place: int, events: Sequence[Event]) -> Facts:
        """Folded in two batches, stored after each."""
        facts, half = Facts(), len(events) // 2
        for batch in (events[:half], events[half:]):
            if batch:
                until = self.until if place == 2 else None
                facts = decode(encode(fold(facts, batch, self.release.features, until=until)))
        return facts

    def truth(self, rule: SegmentDefinition, profile: Profile, now: datetime) -> Evaluation:
        return evaluate(rule, profile, self.shop, now, segments=self.others, address_keys=KEYS)

    def holds(self, rule: SegmentDefinition, history: History, now: datetime) -> bool:
        return holds(rule, history, self.shop, now, self.others, KEYS)


def _case(depth: int, rules: int, history: int, events: int, asked: int, instant: int) -> Case:
    """The first so many events of ``history``, so that a failing case loses events."""
    pick = Random(instant)
    anchor = pick.choice(ANCHORS)
    topics = pick.sample(TOPICS, pick.choice((1, 1, 2)))
    happened = [told(one, topics, anchor) for one in _numbers(history, events)]
    definitions: list[SegmentDefinition] = []
    for name, number in zip("abc", _numbers(asked, rules), strict=False):
        before = [one.segment for one in definitions]
        definitions.append(definition(name, number, depth, topics, anchor, before))
    now = pick.choice(_instants(happened, anchor)) + pick.choice((-MS, timedelta(), timedelta(), MS))
    if "traits" in topics and pick.random() < 0.3:
        now = _about_midnight(pick, anchor)
    until = milliseconds(anchor - pick.choice(DURATIONS)) if pick.random() < 0.3 else None
    consents = tuple(statement(pick.randrange(_LARGEST), anchor) for _ in range(pick.randrange(4)))
    root = f"u.{pick.randrange(100)}"
    return Case(root, pick.choice(SHOPS), tuple(definitions), _few_ahead(happened, now), consents, until, now)


def _instants(happened: Iterable[Told], anchor: datetime) -> list[datetime]:
    """Boundaries: where an event has exactly the age of a window, not long before or after all of them came."""
    ends = [one.event.time + duration for one in happened for duration in (timedelta(), *DURATIONS)]
    near = sorted(end for end in ends if anchor - timedelta(hours=1) <= end <= anchor + timedelta(days=8))
    return [anchor, anchor, anchor, anchor + timedelta(hours=2), *near]


def _about_midnight(pick: Random, anchor: datetime) -> datetime:
    """In the half hour in which everybody's local day begins, each with its own minute."""
    day = anchor.date() + timedelta(days=pick.randrange(-1, 3))
    midnight = datetime.combine(day, time(), ZoneInfo(pick.choice(ZONES))).astimezone(UTC)
    return midnight + timedelta(seconds=pick.randrange(1_800))


def _few_ahead(happened: Iterable[Told], now: datetime) -> tuple[Told, ...]:
    """Without what is dated ahead beyond the number that facts remember."""
    ahead: Counter[str] = Counter()
    kept = []
    for one in happened:
        ahead[one.event.name] += one.event.time > now
        if one.event.time <= now or ahead[one.event.name] <= MOST_AHEAD:
            kept.append(one)
    return tuple(kept)


def _numbers(seed: int, many: int) -> list[int]:
    """Now and then one comes twice: the same event again."""
    pick = Random(seed)
    numbers: list[int] = []
    for _ in range(many):
        again = numbers and pick.random() < 0.1
        numbers.append(pick.choice(numbers) if again else pick.randrange(_LARGEST))
    return numbers


def segment_cases(*, depth: int, rules: int) -> st.SearchStrategy[Case]:
    """Cases with so many segments, nested so deep.

    Everything is made of few numbers: what Hypothesis draws itself costs as much as all that is tested here.
    """
    number = st.integers(0, _LARGEST)
    many = st.sampled_from(range(MOST_EVENTS + 1))  # integers() would draw nothing but 0 half of the time
    return st.builds(_case, st.just(depth), st.just(rules), number, many, number, number)
