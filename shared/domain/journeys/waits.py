"""What an enrollment waits for: a moment of the customer's day, an instant that was named, an event."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import assert_never

from shared.domain.definitions.value_test import feature_key
from shared.domain.facts.features import ORDER_ID, ORDER_TIMES
from shared.domain.journeys.evidence import ConditionContext
from shared.domain.journeys.local_moments import LocalMoment
from shared.domain.journeys.step_definition import MAX_LOOK, PropertyMoment, WaitForRule, WaitUntil
from shared.domain.profile.active_hours import active_hours
from shared.domain.profile.profile import Order
from shared.domain.time.dates import instant_of, read_date
from shared.domain.time.local_time import last_hour_permitted, next_local, next_permitted, zone_of


def moment_to_wait_for(wait: WaitUntil, since: datetime, at: ConditionContext) -> datetime | None:
    """When a wait that was reached at ``since`` is over; None if it waits for an instant that nobody named, or that is
    more than a year away: the enrollment would stand in the way of every other for so long."""
    zone = zone_of(at.profile, at.rules.shop, at.now)
    match wait.until:
        case LocalMoment():
            return next_local(since, zone, wait.until.time, wait.until.weekdays)
        case PropertyMoment():
            said = read_date(at.values.get(wait.until.property, ""))
            named = None if said is None else instant_of(said, zone)
            if named is None or named - since > MAX_LOOK + wait.until.before:
                return None
            if named - since <= wait.until.before:
                return since
            moment = named - wait.until.before
            if wait.until.within is not None:
                moment = last_hour_permitted(moment, zone, at.rules.shop.send_hours)
            return max(since, moment)
        case "active_hour":
            hours = at.rules.shop.send_hours
            usual = [one.hour for one in active_hours(at.profile, zone, at.now)]
            permitted = [hour for hour in usual if hours.start <= time(hour) < hours.end]
            if not permitted:
                return next_permitted(since, zone, hours)
            if since.astimezone(zone).hour in permitted:
                return since.astimezone(UTC)
            return min(next_local(since, zone, time(hour)) for hour in permitted)
        case _:
            assert_never(wait.until)


def came_at(rule: WaitForRule, since: datetime, began: datetime, at: ConditionContext) -> datetime | None:
    """When the event came that is waited for ``since`` then by an enrollment that ``began`` then; None if it has not.

    What is dated ahead of now came now.
    """
    found = _time_of(rule, since, began, at)
    return None if found is None else max(since, min(found, at.now))


def _time_of(rule: WaitForRule, since: datetime, began: datetime, at: ConditionContext) -> datetime | None:
    if rule.same is None:
        seen = at.profile.seen.get(feature_key(rule.event, rule.where), ())
        return min((when for when, _ in seen if when >= since), default=None)
    wanted = at.values.get(rule.same)
    if wanted is None:
        return None
    if rule.same == ORDER_ID and rule.event in ORDER_TIMES:
        order = next((one for one in at.profile.orders if one.id == wanted), None)
        if order is not None:
            return _told(order, rule.event)
    newest = at.profile.keyed.get((rule.event, rule.same), {}).get(wanted)
    return newest if newest is not None and newest >= began else None


def _told(order: Order, event: str) -> datetime | None:
    """When this happened to the order, whenever that was."""
    match event:
        case "Order Shipped":
            return order.shipped_at
        case "Order Delivered":
            return order.delivered_at
        case "Order Cancelled":
            return order.cancelled_at
        case _:
            return order.at
