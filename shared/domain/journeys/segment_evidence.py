"""What of a customer decides a node of the segment language, as items of evidence: what journeys store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.consent.consent import CHANNELS, Consent, consent_state
from shared.domain.consent.suppression import suppressed
from shared.domain.identity.keys import time_text
from shared.domain.messages.evidence import MOST, Evidence, Item, absent, item, of_cart, of_consent, of_order
from shared.domain.profile.demographic import BIRTHDAY
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
    Recent,
)
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.evaluate_cart import due_at
from shared.domain.segments.evaluate_consent import state_of
from shared.domain.segments.evaluate_events import (
    clicks_by_message,
    event_key,
    last_use,
    most_clicks,
    once,
    opens_by_message,
    received_times,
)
from shared.domain.segments.evaluate_orders import orders_of
from shared.domain.segments.state_rules import Anniversary, CartIs, HasConsent, Reachable, ReachableRule, TraitIs
from shared.domain.segments.subject import Subject


def found_by(node: Leaf, subject: Subject, now: datetime) -> Evidence:  # noqa: C901 - one line per node
    """What makes the node true or false: the newest that count, at most ``MOST``; what is not there is said as well.

    Values of traits are left out: they are personal data.
    """
    match node:
        case Orders():
            return _orders(node.orders, subject, now)
        case Event():
            return _event(node.event, subject, now)
        case Received():
            return _touches("received", received_times(node.received, subject), once, node.received.within, now)
        case Opens():
            return _touches("opens", opens_by_message(node.opens, subject), once, node.opens.within, now)
        case Clicks():
            return _touches("clicks", clicks_by_message(node.clicks, subject), most_clicks, node.clicks.within, now)
        case TraitIs():
            return (_trait(node.trait.name, (node.trait.name.partition(".")[0],), subject),)
        case Anniversary():
            name = node.anniversary.trait
            return (_trait(name, BIRTHDAY if name == BIRTHDAY[0] else (name,), subject),)
        case HasConsent():
            return (_consent(node.consent.channel, state_of(node.consent, subject, now).proof),)
        case Reachable():
            return _reachable(node.reachable, subject, now)
        case InSegment():
            since = subject.profile.segments.get(node.in_segment)
            return (absent("segment", node.in_segment) if since is None else item("segment", node.in_segment, since),)
        case CartIs():
            return of_cart(subject.profile)
        case Active():
            last = last_use(node.active, subject)
            return (absent("use") if last is None else item("use", at=last),)
        case Overdue():
            return (_overdue(node.overdue, subject, now),)
        case _:
            assert_never(node)


def _orders(rule: OrderRule, subject: Subject, now: datetime) -> Evidence:
    those = orders_of(rule, subject)
    start, end = in_window(those.times, rule.within, now)
    newest = those.orders[start:end][-MOST:][::-1]
    return tuple(map(of_order, newest)) or (absent("order", since=_since(rule, now)),)


def _event(rule: EventRule, subject: Subject, now: datetime) -> Evidence:
    seen = [one for one in subject.profile.seen.get(event_key(rule), ()) if one[0] <= now]
    if rule.within is not None:
        seen = [one for one in seen if one[0] > now - rule.within]
    found = tuple(item("event", name, at, event=rule.name) for at, name in seen[:MOST])
    return found or (absent("event", since=_since(rule, now), event=rule.name),)


def _since(rule: OrderRule | EventRule, now: datetime) -> datetime | None:
    """From when on it was looked for; None if whenever it was would do."""
    recent: Recent | None = rule.last or rule.first
    within = rule.within or (recent.within if recent is not None else None)
    return None if within is None else now - within


def _touches(
    word: str,
    by_message: Mapping[object, Sequence[datetime]],
    most: Callable[[object], int],
    within: timedelta | None,
    now: datetime,
) -> Evidence:
    """``id`` is that of the message, as facts keep it."""
    counted = []
    for message, times in by_message.items():
        start, end = in_window(times, within, now)
        counted += [(at, _message(message)) for at in times[start:end][-most(message) :]]
    counted.sort(reverse=True)
    found = tuple(item("event", message, at, event=word) for at, message in counted[:MOST])
    return found or (absent("event", since=None if within is None else now - within, event=word),)


def _message(key: object) -> str:
    """The message in a key of ``received_times`` and its like; empty if it was one of a day that names none."""
    if isinstance(key, tuple):
        return _message(key[-1])
    return key if isinstance(key, str) else ""


def _trait(asked: str, names: Sequence[str], subject: Subject) -> Item:
    """Its name, and when it was said."""
    said = next((found for name in names if (found := subject.profile.traits.get(name)) is not None), None)
    return absent("trait", asked) if said is None else item("trait", asked, said.at)


def _consent(channel: str, proof: Consent | None) -> Item:
    return absent("consent", channel) if proof is None else of_consent(proof)


def _reachable(rule: ReachableRule, subject: Subject, now: datetime) -> Evidence:
    """Of each channel that is asked for, what was said last."""
    found = []
    for channel in CHANNELS if rule.channel is None else (rule.channel,):
        said, key = subject.consents(channel), subject.address_key(channel)
        proof = suppressed(said, channel, key, now) or consent_state(said, channel, rule.purpose, key, now).proof
        found.append(_consent(channel, proof))
    return tuple(found[:MOST])


def _overdue(rule: OverdueRule, subject: Subject, now: datetime) -> Item:
    counted = subject.counted
    end = in_window(counted.times, None, now)[1]
    if not end:
        return absent("order")
    due = due_at(rule, subject, now)
    return {**of_order(counted.orders[end - 1]), **({"due_at": time_text(due)} if due is not None else {})}
