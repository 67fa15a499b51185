"""The truth of a segment now, and the first instant at which it could change with no new event (docs/segments.md).

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
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.counting import counted
from shared.domain.segments.counting_rules import Active, Clicks, Event, Opens, Orders, Overdue, Received
from shared.domain.segments.definition import All, AnyOf, InSegment, Node, Not, SegmentDefinition
from shared.domain.segments.evaluate_anniversary import evaluate_anniversary
from shared.domain.segments.evaluate_cart import evaluate_cart, evaluate_overdue
from shared.domain.segments.evaluate_consent import evaluate_consent, evaluate_reachable
from shared.domain.segments.evaluate_events import (
    evaluate_active,
    evaluate_clicks,
    evaluate_event,
    evaluate_opens,
    evaluate_received,
)
from shared.domain.segments.evaluate_orders import orders_evaluator
from shared.domain.segments.evaluate_traits import evaluate_trait
from shared.domain.segments.evaluation_result import NO, Evaluation, all_of, any_of, negated
from shared.domain.segments.state_rules import Anniversary, CartIs, HasConsent, Reachable, TraitIs
from shared.domain.segments.subject import Subject

_Evaluator = Callable[[Subject, datetime], Evaluation]

__all__ = ["Evaluation", "Subject", "all_of", "counted", "evaluate", "evaluate_node", "evaluate_segment"]


def evaluate(
    definition: SegmentDefinition,
    profile: Profile,
    shop: Shop,
    now: datetime,
    *,
    segments: Mapping[str, SegmentDefinition] | None = None,
    address_keys: Keys | None = None,
) -> Evaluation:
    """Whether this customer is in the segment at ``now``. For several questions make a ``Subject`` once."""
    return evaluate_segment(definition, Subject(profile, shop, segments or {}, address_keys), now)


def evaluate_segment(definition: SegmentDefinition, subject: Subject, now: datetime) -> Evaluation:
    """The same for a subject. The result is kept for segments that refer to this one."""
    asked = (definition.segment, now)
    found = subject.answers.get(asked)
    if found is None:
        found = evaluate_node(definition.who, subject, now)
        if subject.segments.get(definition.segment) is definition:
            subject.answers[asked] = found
    return found


def evaluate_node(node: Node, subject: Subject, now: datetime) -> Evaluation:
    """The value of one node of any kind, and until when it holds."""
    return compiled_rule(node, _evaluator)(subject, now)


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
            return orders_evaluator(node.orders)
        case Event():
            return partial(evaluate_event, node.event)
        case TraitIs():
            return partial(evaluate_trait, node.trait)
        case Received():
            return partial(evaluate_received, node.received)
        case Opens():
            return partial(evaluate_opens, node.opens)
        case Clicks():
            return partial(evaluate_clicks, node.clicks)
        case HasConsent():
            return partial(evaluate_consent, node.consent)
        case Reachable():
            return partial(evaluate_reachable, node.reachable)
        case Active():
            return partial(evaluate_active, node.active)
        case Anniversary():
            return partial(evaluate_anniversary, node.anniversary)
        case CartIs():
            return partial(evaluate_cart, node.cart)
        case Overdue():
            return partial(evaluate_overdue, node.overdue)
        case InSegment():
            return partial(_member, node.in_segment)
        case _:
            assert_never(node)


def _all(parts: Sequence[_Evaluator], subject: Subject, now: datetime) -> Evaluation:
    return all_of([part(subject, now) for part in parts])


def _any(parts: Sequence[_Evaluator], subject: Subject, now: datetime) -> Evaluation:
    return any_of([part(subject, now) for part in parts])


def _not(part: _Evaluator, subject: Subject, now: datetime) -> Evaluation:
    return negated(part(subject, now))


def _member(name: str, subject: Subject, now: datetime) -> Evaluation:
    other = subject.segments.get(name)
    return NO if other is None else evaluate_segment(other, subject, now)
