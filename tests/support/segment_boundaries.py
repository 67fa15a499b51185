"""Every instant at which the truth of a segment could change with no new event, found without the evaluator: whatever
instant was told, and each plus every duration that is asked about."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from shared.domain.definitions.shop import Shop
from shared.domain.segments.counting_rules import Overdue
from shared.domain.segments.definition import Node, SegmentDefinition, leaves_of
from shared.domain.segments.midnight_offset import offset_of
from shared.domain.segments.oracle import History
from shared.domain.segments.oracle.evaluate_counts import cycle_of
from shared.domain.segments.state_rules import Anniversary
from shared.domain.time.dates import instant_of, read_date

DEVICE_ZONE_GOOD_FOR = timedelta(days=90)


def boundaries(definitions: Iterable[SegmentDefinition], history: History, shop: Shop, now: datetime) -> list[datetime]:
    """After ``now``, in order; what comes from local days only up to four hundred days ahead."""
    leaves = [leaf for definition in definitions for leaf in leaves_of(definition.who)]
    told = {event.time for event in history.events}
    told |= {use.at for use in history.person.uses}
    told |= set(_instants(history, shop, now))
    ends = {at + duration for at in told for duration in {timedelta(), *_durations(leaves)}}
    ends |= {said.received_at for said in history.consents}
    ends |= set(_overdue(leaves, history, shop))
    if any(isinstance(leaf, Anniversary) for leaf in leaves):
        ends |= set(_local_days(leaves, history, shop, now))
    ends |= {event.time + DEVICE_ZONE_GOOD_FOR for event in history.events if "timezone" in event.context}
    return sorted(end for end in ends if end > now)


def _durations(leaves: Iterable[Node]) -> set[timedelta]:
    return {found for leaf in leaves for found in _inside(leaf) if isinstance(found, timedelta)}


def _inside(part: Any) -> Iterator[Any]:
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _inside(getattr(part, name))
    yield part


def _zones(history: History, shop: Shop, now: datetime) -> set[ZoneInfo]:
    """What the customer's zone is now, and what it may be later."""
    return {history.person.zone(shop, now), history.person.zone(shop, now + 2 * DEVICE_ZONE_GOOD_FOR)}


def _instants(history: History, shop: Shop, now: datetime) -> Iterator[datetime]:
    """What the traits hold, read as instants."""
    for value in history.person.traits.values():
        for part in value if isinstance(value, list) else [value]:
            said = read_date(part)
            for zone in _zones(history, shop, now) if said is not None else ():
                found = instant_of(said, zone) if said is not None else None
                if found is not None:
                    yield found


def _overdue(leaves: Iterable[Node], history: History, shop: Shop) -> Iterator[datetime]:
    """After each order: its customer's cycle up to then, that many times."""
    for times in {leaf.overdue.times for leaf in leaves if isinstance(leaf, Overdue)}:
        those = [order.at for order in history.orders if order.state not in shop.orders_ignore]
        for place, last in enumerate(those, 1):
            cycle = cycle_of(those[:place], ZoneInfo(shop.time_zone))
            if cycle is not None:
                yield last + timedelta(days=cycle * times)


def _local_days(leaves: Iterable[Node], history: History, shop: Shop, now: datetime) -> Iterator[datetime]:
    """The begins of the days on which a return comes near, is there, and is over."""
    ahead = {leaf.anniversary.ahead or timedelta(days=1) for leaf in leaves if isinstance(leaf, Anniversary)}
    for zone in _zones(history, shop, now):
        today = now.astimezone(zone).date()
        days = {day for value in history.person.traits.values() for day in _days(value, zone)}
        returns = {one for day in days for one in _returns(day, today)}
        edges = {edge for one in returns for edge in _edges(one, ahead)}
        for edge in edges:
            if abs(edge - today) < timedelta(days=400):
                yield datetime.combine(edge, time(), zone).astimezone(UTC) + offset_of(history.root)


def _days(value: Any, zone: ZoneInfo) -> set[date]:
    said = read_date(value)
    if not isinstance(said, datetime):
        return set() if said is None else {said}
    return {said.date()} if said.tzinfo is None else {said.date(), said.astimezone(zone).date()}


def _returns(day: date, today: date) -> Iterator[date]:
    for year in range(today.year - 1, today.year + 3):
        leap = (day.month, day.day) == (2, 29) and not isleap(year)
        yield date(year, 3, 1) if leap else day.replace(year=year)


def _edges(day: date, ahead: Iterable[timedelta]) -> Iterator[date]:
    monday = day - timedelta(days=day.weekday())
    first = day.replace(day=1)
    yield from (day, day + timedelta(days=1), monday, monday + timedelta(days=7), first)
    yield (first + timedelta(days=31)).replace(day=1)
    yield from (day - before + timedelta(days=1) for before in ahead)
