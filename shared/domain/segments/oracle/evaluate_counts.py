"""Questions that are answered by counting what happened up to now: orders, events, messages, visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.domain.definitions.text_comparison import folded
from shared.domain.definitions.value_test import matches
from shared.domain.segments.counting_rules import (
    ActiveRule,
    EventRule,
    OrderRule,
    OverdueRule,
    ReceivedRule,
    Recent,
    TouchRule,
)
from shared.domain.segments.oracle.instant import Instant
from shared.domain.segments.oracle.messages import CLICKED, MOST_CLICKS, OPENED, TAPPED, by_program
from shared.domain.segments.oracle.orders import Bought

LEAST_GAPS = 2


def orders(rule: OrderRule, asked: Instant) -> bool:
    if rule.status is None:
        known = asked.counted_orders
    else:
        known = [one for one in asked.history.orders if one.at <= asked.now and _in_status(one, rule.status)]
    known = [one for one in known if _bought_so(one, rule)]
    recent = [one for one in known if asked.in_window(one.at, rule.within)]
    paid = [one.total or Decimal(0) for one in recent if one.currency in ("", asked.shop.currency)]
    return (
        rule.allows(len(recent))
        and (rule.total is None or rule.total.allows(sum(paid, Decimal(0))))
        and (rule.average is None or (bool(paid) and rule.average.allows(sum(paid, Decimal(0)) / len(paid))))
        and _first_and_last([one.at for one in known], rule.first, rule.last, asked)
    )


def _in_status(order: Bought, wanted: Sequence[str]) -> bool:
    is_so = {
        "completed": order.state == "completed",
        "shipped": order.shipped and order.state != "cancelled",
        "delivered": order.delivered and order.state != "cancelled",
        "cancelled": order.state == "cancelled",
        "fully_refunded": order.state == "fully_refunded",
        "refunded": order.refunded,
    }
    return any(is_so[status] for status in wanted)


def _bought_so(order: Bought, rule: OrderRule) -> bool:
    if rule.category is not None and not any(_one_of(category, rule.category) for category in order.categories):
        return False
    if rule.channel is not None and not _one_of(order.channel, rule.channel):
        return False
    if rule.coupon is None or isinstance(rule.coupon, bool):
        return rule.coupon is None or rule.coupon == bool(order.coupon)
    return _one_of(order.coupon, rule.coupon)


def _one_of(word: str, words: Sequence[str]) -> bool:
    return any(folded(word) == folded(other) for other in words)


def _first_and_last(times: Sequence[datetime], first: Recent | None, last: Recent | None, asked: Instant) -> bool:
    """``times`` are not ahead of now."""
    return (first is None or (bool(times) and asked.in_window(min(times), first.within))) and (
        last is None or (bool(times) and asked.in_window(max(times), last.within))
    )


def event(rule: EventRule, asked: Instant) -> bool:
    happened = {
        (one.time, one.id)
        for one in asked.history.events
        if one.name == rule.name
        and one.time <= asked.now
        and not by_program(one)
        and (rule.where is None or matches(rule.where, one.properties))
    }
    recent = [at for at, _ in happened if asked.in_window(at, rule.within)]
    counted = rule.counting is None or rule.counting.allows(len(recent))
    return counted and _first_and_last([at for at, _ in happened], rule.first, rule.last, asked)


def received(rule: ReceivedRule, asked: Instant) -> bool:
    arrived = {
        (one.channel, one.message)
        for one in asked.history.messages.arrived
        if rule.channel in (None, one.channel)
        and rule.purpose in (None, one.purpose)
        and asked.in_window(one.at, rule.within)
    }
    return rule.counting.allows(len(arrived))


def opens(rule: TouchRule, asked: Instant) -> bool:
    """Once per message."""
    return rule.counting.allows(len(set(_touched(rule, (OPENED,), asked))))


def clicks(rule: TouchRule, asked: Instant) -> bool:
    """Up to three times per message; a tap is a click and counts once per message."""
    clicked = Counter(_touched(rule, (CLICKED,), asked)).values()
    tapped = set(_touched(rule, (TAPPED,), asked))
    return rule.counting.allows(sum(min(times, MOST_CLICKS) for times in clicked) + len(tapped))


def _touched(rule: TouchRule, kinds: Sequence[str], asked: Instant) -> list[tuple[str, str]]:
    """The message of every touch that the rule asks for, as often as it was touched."""
    return [
        (one.channel, one.message)
        for one in asked.history.messages.touches
        if one.what in kinds
        and rule.channel in (None, one.channel)
        and rule.purpose in (None, one.purpose)
        and (rule.by == "anybody" or one.machine == (rule.by == "machine"))
        and asked.in_window(one.at, rule.within)
    ]


def active(rule: ActiveRule, asked: Instant) -> bool:
    """The newest hour decides, even one that is dated ahead."""
    hours = [
        one.at
        for one in asked.history.person.uses
        if (rule.channel is None or _one_of(one.channel, rule.channel))
        and (rule.device is None or _one_of(one.device, rule.device))
    ]
    return bool(hours) and (rule.within is None or asked.now - max(hours) < rule.within)


def overdue(rule: OverdueRule, asked: Instant) -> bool:
    times = [one.at for one in asked.counted_orders]
    cycle = cycle_of(times, ZoneInfo(asked.shop.time_zone))
    return cycle is not None and asked.now - max(times) >= timedelta(days=cycle * rule.times)


def cycle_of(times: Sequence[datetime], zone: ZoneInfo) -> float | None:
    """The median of the gaps between the shop's local days on which something was ordered."""
    days = sorted({at.astimezone(zone).date() for at in times})
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    if len(gaps) < LEAST_GAPS:
        return None
    half = len(gaps) // 2
    return float(gaps[half]) if len(gaps) % 2 else (gaps[half - 1] + gaps[half]) / 2
