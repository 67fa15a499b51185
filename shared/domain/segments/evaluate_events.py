"""What customers did and what came of our messages: events, receipts, opens, clicks, use of channels and devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from shared.domain.definitions.text_comparison import folded
from shared.domain.definitions.value_test import feature_key
from shared.domain.facts.touches import MAX_CLICKS
from shared.domain.profile.engagement import Reaction
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.counting import counted_by_message, counted_in_order, interval, recent
from shared.domain.segments.counting_rules import ActiveRule, EventRule, ReceivedRule, TouchRule
from shared.domain.segments.evaluation_result import NO, Evaluation, all_of, refined
from shared.domain.segments.subject import Subject

_TAPPED = "tapped"


class _AskedEvent(Struct, frozen=True):
    key: str
    allows: Callable[[int], bool] | None


def event_key(rule: EventRule) -> str:
    """The name under which facts keep the occurrences that a rule asks for."""
    return compiled_rule(rule, _asked_event).key


def _asked_event(rule: EventRule) -> _AskedEvent:
    counting = rule.counting
    return _AskedEvent(feature_key(rule.name, rule.where), None if counting is None else interval(counting))


def evaluate_event(rule: EventRule, subject: Subject, now: datetime) -> Evaluation:
    """Whether the occurrences pass the rule. Facts keep more of them than any bound asks for, so the forgotten ones
    decide nothing."""
    asked = compiled_rule(rule, _asked_event)
    times = event_times(rule, subject)
    if asked.allows is not None and rule.first is None and rule.last is None:
        return counted_in_order(times, rule.within, asked.allows, now)

    def truth_at(instant: datetime) -> Evaluation:
        parts: list[Evaluation] = []
        if asked.allows is not None:
            parts.append(counted_in_order(times, rule.within, asked.allows, instant))
        if rule.first is not None:
            first = subject.profile.first_seen.get(asked.key)
            parts.append(recent(() if first is None else (first,), rule.first.within, instant))
        if rule.last is not None:
            parts.append(recent(times, rule.last.within, instant))
        return all_of(parts)

    return refined(truth_at, now)


def event_times(rule: EventRule, subject: Subject) -> list[datetime]:
    """The occurrences that are remembered, oldest first."""
    return [at for at, _ in reversed(subject.profile.seen.get(event_key(rule), ()))]


def evaluate_received(rule: ReceivedRule, subject: Subject, now: datetime) -> Evaluation:
    return counted_by_message(received_times(rule, subject), once, rule.within, compiled_rule(rule, _bounds), now)


def received_times(rule: ReceivedRule, subject: Subject) -> dict[object, list[datetime]]:
    """Per message when it arrived, oldest first (a message may be known with and without its purpose)."""
    found: dict[object, list[datetime]] = {}
    for one in reversed(subject.profile.engagement.received):
        if rule.channel in (None, one.channel) and rule.purpose in (None, one.purpose):
            found.setdefault(one.id, []).append(one.at)
    return found


def evaluate_opens(rule: TouchRule, subject: Subject, now: datetime) -> Evaluation:
    return counted_by_message(opens_by_message(rule, subject), once, rule.within, compiled_rule(rule, _bounds), now)


def opens_by_message(rule: TouchRule, subject: Subject) -> dict[object, list[datetime]]:
    return _by_message(one for one in touches_of(rule, subject) if one.what == "opened")


def evaluate_clicks(rule: TouchRule, subject: Subject, now: datetime) -> Evaluation:
    times = clicks_by_message(rule, subject)
    return counted_by_message(times, most_clicks, rule.within, compiled_rule(rule, _bounds), now)


def clicks_by_message(rule: TouchRule, subject: Subject) -> dict[object, list[datetime]]:
    """Of each message its clicks, and apart from them its taps (``most_clicks``)."""
    touches = list(touches_of(rule, subject))
    times = _by_message(one for one in touches if one.what == "clicked")
    for message, tapped in _by_message(one for one in touches if one.what == _TAPPED).items():
        times[_TAPPED, message] = tapped
    return times


def most_clicks(group: object) -> int:
    """How many of a group of ``clicks_by_message`` count at a time. Facts may know two taps of a message, one with its
    purpose and one without: the earlier counts as long as the later one lies ahead."""
    return 1 if isinstance(group, tuple) and group[0] == _TAPPED else MAX_CLICKS


def once(_: object) -> int:
    """A message that came or was opened counts once."""
    return 1


def touches_of(rule: TouchRule, subject: Subject) -> Iterable[Reaction]:
    """The touches that the rule asks for, by whom, on its channel and for its purpose; oldest first."""
    for one in reversed(subject.profile.engagement.reactions):
        if rule.channel not in (None, one.channel) or rule.purpose not in (None, one.purpose):
            continue
        if rule.by == "anybody" or one.machine == (rule.by == "machine"):
            yield one


def _by_message(touches: Iterable[Reaction]) -> dict[object, list[datetime]]:
    """What names no message is one message of that day (UTC)."""
    found: dict[object, list[datetime]] = {}
    for one in touches:
        found.setdefault((one.channel, one.message or one.at.date()), []).append(one.at)
    return found


def _bounds(rule: ReceivedRule) -> Callable[[int], bool]:
    return interval(rule.counting)


def evaluate_active(rule: ActiveRule, subject: Subject, now: datetime) -> Evaluation:
    newest = last_use(rule, subject)
    if newest is None:
        return NO
    if subject.looking_back and now < newest:
        return Evaluation(False, newest)
    if rule.within is None:
        return Evaluation(True)
    end = newest + rule.within
    return Evaluation(True, end) if now < end else NO


def last_use(rule: ActiveRule, subject: Subject) -> datetime | None:
    """The begin of the newest hour in which the customer used one of these channels with one of these devices."""
    channels, devices = compiled_rule(rule, _asked_use)
    hours = (
        hour
        for hour, channel, device in subject.used
        if (channels is None or channel in channels) and (devices is None or device in devices)
    )
    return max(hours, default=None)


def _asked_use(rule: ActiveRule) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    return (
        None if rule.channel is None else frozenset(map(folded, rule.channel)),
        None if rule.device is None else frozenset(map(folded, rule.device)),
    )
