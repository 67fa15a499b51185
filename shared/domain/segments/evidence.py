"""What of a customer decides a node: the orders that counted, the newest touches, the trait, the proof of consent.

No addresses: consents are named by who said them and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from shared.domain.consent.consent import CHANNELS, Consent, consent_state
from shared.domain.consent.suppression import suppressed
from shared.domain.identity.keys import time_text
from shared.domain.profile.demographic import BIRTHDAY
from shared.domain.profile.profile import Order
from shared.domain.segments.counting import in_window
from shared.domain.segments.counting_rules import (
    Active,
    Clicks,
    Event,
    EventRule,
    Opens,
    OrderRule,
    Orders,
    Overdue,
    OverdueRule,
    Received,
)
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.evaluate_anniversary import day_meant, days_written, today_of
from shared.domain.segments.evaluate_cart import cart_value, due_at
from shared.domain.segments.evaluate_consent import state_of, writable
from shared.domain.segments.evaluate_events import (
    clicks_by_message,
    event_key,
    event_times,
    last_use,
    most_clicks,
    once,
    opens_by_message,
    received_times,
)
from shared.domain.segments.evaluate_orders import orders_of
from shared.domain.segments.evaluate_traits import trait_values
from shared.domain.segments.state_rules import (
    Anniversary,
    AnniversaryRule,
    CartIs,
    ConsentRule,
    HasConsent,
    Reachable,
    ReachableRule,
    TraitIs,
    TraitRule,
)
from shared.domain.segments.subject import Subject

SHOWN = 20
"""The newest of what counted."""


def evidence_of(node: Leaf, subject: Subject, now: datetime) -> dict[str, Any]:  # noqa: C901 - one line per node
    """As JSON; counts are of the window that ends now."""
    match node:
        case Orders():
            return _orders(node.orders, subject, now)
        case Event():
            return _event(node.event, subject, now)
        case TraitIs():
            return _trait(node.trait, subject)
        case Received():
            return _touches(received_times(node.received, subject), once, node.received.within, now)
        case Opens():
            return _touches(opens_by_message(node.opens, subject), once, node.opens.within, now)
        case Clicks():
            return _touches(clicks_by_message(node.clicks, subject), most_clicks, node.clicks.within, now)
        case HasConsent():
            return _consent(node.consent, subject, now)
        case Reachable():
            return _reachable(node.reachable, subject, now)
        case Active():
            return {"last_at": _text(last_use(node.active, subject))}
        case Anniversary():
            return _anniversary(node.anniversary, subject, now)
        case CartIs():
            cart = subject.profile.cart
            return {
                "items": cart.count,
                "value": _money(cart_value(subject)),
                "updated_at": _text(cart.updated_at),
            }
        case Overdue():
            return _overdue(node.overdue, subject, now)
        case InSegment():
            since = subject.profile.segments.get(node.in_segment)
            return {"segment": node.in_segment, "since": _text(since)}
        case _:
            assert_never(node)


def _orders(rule: OrderRule, subject: Subject, now: datetime) -> dict[str, Any]:
    those = orders_of(rule, subject)
    start, end = in_window(those.times, rule.within, now)
    counted = those.orders[start:end]
    paid_from, paid_to = in_window(those.paid_at, rule.within, now)
    total, number = those.sums[paid_to] - those.sums[paid_from], paid_to - paid_from
    known = those.times[: in_window(those.times, None, now)[1]]
    return {
        "count": len(counted),
        "total": _money(total),
        "average": _money(total / number) if number else None,
        "first_at": _text(known[0] if known else None),
        "last_at": _text(known[-1] if known else None),
        "orders": [_order(order) for order in reversed(counted[-SHOWN:])],
        "more": max(0, len(counted) - SHOWN),
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "at": time_text(order.at),
        "total": _money(order.total),
        "currency": order.currency or None,
        "channel": order.channel or None,
        "state": order.state,
    }


def _event(rule: EventRule, subject: Subject, now: datetime) -> dict[str, Any]:
    """``count`` is at least so many where older ones are forgotten: more than any bound asks for."""
    times = event_times(rule, subject)
    start, end = in_window(times, rule.within, now)
    first = subject.profile.first_seen.get(event_key(rule))
    known = times[: in_window(times, None, now)[1]]
    return {
        "count": end - start,
        "first_at": _text(first if first is not None and first <= now else None),
        "last_at": _text(known[-1] if known else None),
        "at": [time_text(at) for at in reversed(times[start:end][-SHOWN:])],
    }


def _trait(rule: TraitRule, subject: Subject) -> dict[str, Any]:
    found = subject.profile.traits.get(rule.name.partition(".")[0])
    return {
        "trait": rule.name,
        "values": trait_values(rule, subject),
        "said_at": _text(None if found is None else found.at),
        "trusted": None if found is None else found.trusted,
    }


def _touches(
    found: Mapping[object, Sequence[datetime]], most: Callable[[object], int], within: Any, now: datetime
) -> dict[str, Any]:
    counted: list[datetime] = []
    for group, times in found.items():
        start, end = in_window(times, within, now)
        counted += times[start:end][-most(group) :]
    counted.sort(reverse=True)
    return {
        "count": len(counted),
        "last_at": _text(counted[0] if counted else None),
        "at": [time_text(at) for at in counted[:SHOWN]],
    }


def _consent(rule: ConsentRule, subject: Subject, now: datetime) -> dict[str, Any]:
    state = state_of(rule, subject, now)
    return {"granted": state.granted, "proof": _proof(state.proof)}


def _reachable(rule: ReachableRule, subject: Subject, now: datetime) -> dict[str, Any]:
    channels: Iterable[str] = CHANNELS if rule.channel is None else (rule.channel,)
    return {"channels": {channel: _channel(channel, rule.purpose, subject, now) for channel in channels}}


def _channel(channel: str, purpose: str, subject: Subject, now: datetime) -> dict[str, Any]:
    said, key = subject.consents(channel), subject.address_key(channel)
    there = subject.addresses.get(channel) is not None
    state = consent_state(said, channel, purpose, key, now)
    refusal = suppressed(said, channel, key, now)
    return {
        "reachable": there and writable(channel, purpose, subject, now),
        "address": there,
        "granted": state.granted,
        "suppressed": refusal is not None,
        "proof": _proof(refusal or state.proof),
    }


def _proof(said: Consent | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "said": "granted" if said.granted else "withdrawn",
        "purpose": said.purpose,
        "time": time_text(said.time),
        "received_at": time_text(said.received_at),
        "source": said.source,
        "origin": said.origin or None,
        "text_version": said.text_version or None,
        "messageId": said.message_id,
    }


def _anniversary(rule: AnniversaryRule, subject: Subject, now: datetime) -> dict[str, Any]:
    zone, _ = subject.zone(now)
    today = today_of(subject, now)
    day = day_meant(rule, days_written(rule, subject, zone), today)
    return {
        "trait": BIRTHDAY[0] if rule.trait == BIRTHDAY[0] else rule.trait,
        "day": None if day is None else day.isoformat(),
        "today": today.isoformat(),
        "zone": zone.key,
        "day_begins_after_midnight_s": int(subject.offset.total_seconds()),
    }


def _overdue(rule: OverdueRule, subject: Subject, now: datetime) -> dict[str, Any]:
    times = subject.counted.times
    end = in_window(times, None, now)[1]
    return {
        "cycle_days": subject.cycle(now),
        "last_order_at": _text(times[end - 1] if end else None),
        "due_at": _text(due_at(rule, subject, now)),
    }


def _money(amount: Any) -> str:
    return format(round(amount, 2), "f")


def _text(at: datetime | None) -> str | None:
    return None if at is None else time_text(at)
