"""The truth of a segment now, and the first instant at which it could change with no new event (design 4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.profile import Order, Profile
from shared.domain.segments.language import All, AnyOf, Not, OrderRule, Orders, SegmentDefinition
from shared.domain.shop import Shop

_Node = Orders | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Truth:
    """``valid_until``: up to there (excluded) ``value`` stays as it is without new events; None: for good."""

    value: bool
    valid_until: datetime | None = None


def evaluate(definition: SegmentDefinition, profile: Profile, shop: Shop, now: datetime) -> Truth:
    """Whether this customer is in the segment at ``now``."""
    return _node(definition.who, profile, shop, now)


def _node(node: _Node, profile: Profile, shop: Shop, now: datetime) -> Truth:
    match node:
        case Orders():
            return _orders(node.orders, profile.counted_orders(shop.orders_ignore), now)
        case All():
            return all_of([_node(part, profile, shop, now) for part in node.all])
        case AnyOf():
            return _negated(all_of([_negated(_node(part, profile, shop, now)) for part in node.any]))
        case Not():
            return _negated(_node(node.not_, profile, shop, now))
        case _:
            assert_never(node)


def _negated(truth: Truth) -> Truth:
    return Truth(not truth.value, truth.valid_until)


def all_of(parts: Sequence[Truth]) -> Truth:
    """True until the first part may fall; false until the last of the false parts may rise: each must, for all."""
    false = [part for part in parts if not part.value]
    if not false:
        return Truth(True, min((part.valid_until for part in parts if part.valid_until), default=None))
    if any(part.valid_until is None for part in false):
        return Truth(False, None)
    return Truth(False, max(part.valid_until for part in false if part.valid_until))


def _orders(rule: OrderRule, orders: Sequence[Order], now: datetime) -> Truth:
    times = [order.at for order in orders]
    parts = []
    if any(bound is not None for bound in (rule.at_least, rule.at_most, rule.exactly, rule.more_than)):
        parts.append(counted(times, rule.within, rule.allows, now))
    if rule.first is not None:
        parts.append(_recent(times[:1], rule.first.within, now))
    if rule.last is not None:
        parts.append(_last(times, rule.last.within, now))
    return all_of(parts)


def counted(times: Sequence[datetime], within: timedelta | None, allows: Callable[[int], bool], now: datetime) -> Truth:
    """Whether the number of instants in the window that ends now is allowed; exact to the next true change.

    The window is ``now - within < time <= now``: exactly ``within`` ago is outside (settled meaning 2). An instant in
    the future (a clock ahead of ours) counts from itself on.
    """
    ordered = sorted(times)

    def value_at(instant: datetime) -> bool:
        gone = 0 if within is None else bisect_right(ordered, instant - within)
        return allows(bisect_right(ordered, instant) - gone)

    return _first_change(value_at, _changes(times, within), now)


def _recent(times: Sequence[datetime], within: timedelta, now: datetime) -> Truth:
    return counted(times, within, lambda count: count >= 1, now)


def _last(times: Sequence[datetime], within: timedelta, now: datetime) -> Truth:
    """The last one is recent exactly if any is."""
    return counted(times, within, lambda count: count >= 1, now)


def _changes(times: Iterable[datetime], within: timedelta | None) -> set[datetime]:
    changes: set[datetime] = set()
    for time in times:
        changes.add(time)
        if within is not None:
            changes.add(time + within)
    return changes


def _first_change(value_at: Callable[[datetime], bool], changes: Iterable[datetime], now: datetime) -> Truth:
    value = value_at(now)
    for instant in sorted(instant for instant in changes if instant > now):
        if value_at(instant) != value:
            return Truth(value, instant)
    return Truth(value)
