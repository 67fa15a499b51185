"""Asking one rule of one customer, made by hand or folded from events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from shared.domain.definitions.needed_features import needed_features
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.profile.profile import Order, Profile, Trait
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import Evaluation, evaluate_segment
from shared.domain.segments.midnight_offset import offset_of
from shared.domain.segments.subject import Subject
from tests.support.world import KEYS, NOW

SHOP = Shop(name="Test")
ISTANBUL = ZoneInfo("Europe/Istanbul")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICK = timedelta(milliseconds=1)
SOMEBODY = profile_of("u.1", ("u.1",), (), Facts())
OFFSET = offset_of("u.1")


def segment(who: Any, name: str = "s") -> SegmentDefinition:
    return SegmentDefinition.model_validate({"segment": name, "who": who})


def ask(who: Any, profile: Profile = SOMEBODY, now: datetime = NOW, **others: Any) -> Evaluation:
    """``others``: further segments by name."""
    asked = segment(who)
    segments = {name: segment(rule, name) for name, rule in others.items()}
    return evaluate_segment(asked, Subject(profile, SHOP, segments, KEYS), now)


def order(name: str, at: datetime, total: int | str = 10, **more: Any) -> Order:
    known: dict[str, Any] = {"currency": "TRY", "channel": "web", "state": "completed", "refunded": Decimal(0)}
    return Order(name, at, Decimal(total), **(known | more))


def bought(*orders: Order) -> Profile:
    return replace(SOMEBODY, orders=tuple(sorted(orders, key=lambda one: one.at)))


def said(profile: Profile = SOMEBODY, **traits: Any) -> Profile:
    return replace(profile, traits={name: Trait(value, NOW, trusted=True) for name, value in traits.items()})


def told(who: Any, events: Sequence[Event]) -> Profile:
    """Somebody whose events were folded for exactly this rule."""
    facts = fold(Facts(), events, needed_features((segment(who),), ()))
    return profile_of("u.1", ("u.1",), (), facts)
