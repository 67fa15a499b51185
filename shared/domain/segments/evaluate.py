"""The truth of a segment now, and the first instant at which it could change with no new event (design 4).

``valid_until`` is never later than the first true change. It is exact for every node that asks something; of nodes
that combine others it is the first instant at which their parts could change them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import assert_never

from shared.domain.definitions.shop import Shop
from shared.domain.messages.address import Keys
from shared.domain.profile.profile import Profile
from shared.domain.segments.compiled_rules import prepared
from shared.domain.segments.counting import counted
from shared.domain.segments.definition import (
    Active,
    All,
    Anniversary,
    AnyOf,
    CartIs,
    Clicks,
    Event,
    HasConsent,
    InSegment,
    Node,
    Not,
    Opens,
    Orders,
    Overdue,
    Reachable,
    Received,
    SegmentDefinition,
    TraitIs,
)
from shared.domain.segments.evaluate_anniversary import anniversary_truth
from shared.domain.segments.evaluate_cart import cart_truth, overdue_truth
from shared.domain.segments.evaluate_consent import consent_truth, reachable_truth
from shared.domain.segments.evaluate_events import active_truth, clicks_truth, event_truth, opens_truth, received_truth
from shared.domain.segments.evaluate_orders import orders_truth
from shared.domain.segments.evaluate_traits import trait_truth
from shared.domain.segments.evaluation_result import NO, Truth, all_of, any_of, negated
from shared.domain.segments.subject import Subject

_Evaluator = Callable[[Subject, datetime], Truth]

__all__ = ["Subject", "Truth", "all_of", "counted", "evaluate", "evaluate_node", "evaluate_segment"]


def evaluate(
    definition: SegmentDefinition,
    profile: Profile,
    shop: Shop,
    now: datetime,
    *,
    segments: Mapping[str, SegmentDefinition] | None = None,
    address_keys: Keys | None = None,
) -> Truth:
    """Whether this customer is in the segment at ``now``; for one question. For more, make a ``Subject`` once."""
    return evaluate_segment(definition, Subject(profile, shop, segments or {}, address_keys), now)


def evaluate_segment(definition: SegmentDefinition, subject: Subject, now: datetime) -> Truth:
    """The same of a subject; what is found is kept for those that ask about members of this one."""
    asked = (definition.segment, now)
    found = subject.answers.get(asked)
    if found is None:
        found = evaluate_node(definition.who, subject, now)
        if subject.segments.get(definition.segment) is definition:
            subject.answers[asked] = found
    return found


def evaluate_node(node: Node, subject: Subject, now: datetime) -> Truth:
    """The truth of one node, of whatever kind."""
    return prepared(node, _evaluator)(subject, now)


def _evaluator(node: Node) -> _Evaluator:  # noqa: C901 - one line per node
    """Which function answers for a node: chosen once, because asking a model for its kind costs more than counting."""
    match node:
        case All():
            return partial(_all, [_evaluator(part) for part in node.all])
        case AnyOf():
            return partial(_any, [_evaluator(part) for part in node.any])
        case Not():
            return partial(_not, _evaluator(node.not_))
        case Orders():
            return partial(orders_truth, node.orders)
        case Event():
            return partial(event_truth, node.event)
        case TraitIs():
            return partial(trait_truth, node.trait)
        case Received():
            return partial(received_truth, node.received)
        case Opens():
            return partial(opens_truth, node.opens)
        case Clicks():
            return partial(clicks_truth, node.clicks)
        case HasConsent():
            return partial(consent_truth, node.consent)
        case Reachable():
            return partial(reachable_truth, node.reachable)
        case Active():
            return partial(active_truth, node.active)
        case Anniversary():
            return partial(anniversary_truth, node.anniversary)
        case CartIs():
            return partial(cart_truth, node.cart)
        case Overdue():
            return partial(overdue_truth, node.overdue)
        case InSegment():
            return partial(_member, node.in_segment)
        case _:
            assert_never(node)


def _all(parts: Sequence[_Evaluator], subject: Subject, now: datetime) -> Truth:
    return all_of([part(subject, now) for part in parts])


def _any(parts: Sequence[_Evaluator], subject: Subject, now: datetime) -> Truth:
    return any_of([part(subject, now) for part in parts])


def _not(part: _Evaluator, subject: Subject, now: datetime) -> Truth:
    return negated(part(subject, now))


def _member(name: str, subject: Subject, now: datetime) -> Truth:
    other = subject.segments.get(name)
    return NO if other is None else evaluate_segment(other, subject, now)
