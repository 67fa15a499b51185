"""Traits of the customer: what they are, and when the instants that they hold were (``TraitRule``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.definitions.value_test import passes, values_at
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.evaluation_result import Evaluation, any_of, first_change, refined
from shared.domain.segments.state_rules import TraitRule
from shared.domain.segments.subject import Subject
from shared.domain.time.dates import instant_of, read_date, written_date


class _Asked(Struct, frozen=True):
    dates: bool
    values: bool
    before: date | datetime | None
    after: date | datetime | None


def evaluate_trait(rule: TraitRule, subject: Subject, now: datetime) -> Evaluation:
    """Whether the trait passes the rule. Only a rule with dates changes with time: when an instant leaves its window,
    or the zone changes."""
    asked = compiled_rule(rule, _asked)
    said = subject.before(rule.name.partition(".")[0], now=now)
    if said is not None:
        return Evaluation(not asked.dates and passes(rule, []), said)
    there = trait_values(rule, subject)
    if not asked.dates:
        return Evaluation(passes(rule, there))
    if rule.exists is False:
        return Evaluation(False)
    fitting = [value for value in there if not asked.values or passes(rule, [value])]
    return refined(lambda instant: _some_date(rule, asked, fitting, subject, instant), now)


def trait_values(rule: TraitRule, subject: Subject) -> list[Any]:
    """The values at the trait's path. A null is no value."""
    name = rule.name.partition(".")[0]
    value = subject.profile.trait(name)
    return [] if value is None else [found for found in values_at({name: value}, rule.name) if found is not None]


def _some_date(rule: TraitRule, asked: _Asked, values: list[Any], subject: Subject, now: datetime) -> Evaluation:
    zone, until = subject.zone(now)
    shops = ZoneInfo(subject.shop.time_zone)
    before = None if asked.before is None else instant_of(asked.before, shops)
    after = None if asked.after is None else instant_of(asked.after, shops)
    truth = any_of(
        [
            _recent(rule, at, now)
            for at in _instants(values, zone)
            if (before is None or at < before) and (after is None or at >= after)
        ]
    )
    if until is None or (truth.valid_until is not None and truth.valid_until <= until):
        return truth
    return Evaluation(truth.value, until)


def _recent(rule: TraitRule, at: datetime, now: datetime) -> Evaluation:
    within = rule.within
    if within is None:
        return Evaluation(True)
    try:
        changes = (at, at + within)
    except OverflowError:
        changes = (at, at)
    return first_change(lambda instant: at <= instant and instant - at < within, changes, now)


def _instants(values: list[Any], zone: ZoneInfo) -> Iterator[datetime]:
    for value in values:
        said = read_date(value)
        at = None if said is None else instant_of(said, zone)
        if at is not None:
            yield at


def _asked(rule: TraitRule) -> _Asked:
    return _Asked(
        rule.asks_date,
        rule.asks_value,
        None if rule.before is None else written_date(rule.before),
        None if rule.after is None else written_date(rule.after),
    )
