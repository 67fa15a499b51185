"""The truth of a segment now, and the first instant at which it could change with no new event (design 4).

``valid_until`` is never later than the first true change. It is exact for every node that asks something; of nodes
that combine others it is the first instant at which their parts could change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from shared.domain.messages.address import Keys
from shared.domain.profile import Profile
from shared.domain.segments.anniversary_truth import anniversary_truth
from shared.domain.segments.cart_truth import cart_truth, overdue_truth
from shared.domain.segments.consent_truth import consent_truth, reachable_truth
from shared.domain.segments.counting import counted
from shared.domain.segments.language import (
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
from shared.domain.segments.order_truth import orders_truth
from shared.domain.segments.subject import Subject
from shared.domain.segments.touch_truth import active_truth, clicks_truth, event_truth, opens_truth, received_truth
from shared.domain.segments.trait_truth import trait_truth
from shared.domain.segments.truth import NO, Truth, all_of, any_of, negated
from shared.domain.shop import Shop

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


def evaluate_node(node: Node, subject: Subject, now: datetime) -> Truth:  # noqa: C901 - one line per node
    """The truth of one node, of whatever kind."""
    match node:
        case Orders():
            return orders_truth(node.orders, subject, now)
        case All():
            return all_of([evaluate_node(part, subject, now) for part in node.all])
        case Not():
            return negated(evaluate_node(node.not_, subject, now))
        case AnyOf():
            return any_of([evaluate_node(part, subject, now) for part in node.any])
        case Event():
            return event_truth(node.event, subject, now)
        case TraitIs():
            return trait_truth(node.trait, subject, now)
        case Received():
            return received_truth(node.received, subject, now)
        case Opens():
            return opens_truth(node.opens, subject, now)
        case Clicks():
            return clicks_truth(node.clicks, subject, now)
        case HasConsent():
            return consent_truth(node.consent, subject, now)
        case Reachable():
            return reachable_truth(node.reachable, subject, now)
        case Active():
            return active_truth(node.active, subject, now)
        case Anniversary():
            return anniversary_truth(node.anniversary, subject, now)
        case CartIs():
            return cart_truth(node.cart, subject, now)
        case Overdue():
            return overdue_truth(node.overdue, subject, now)
        case InSegment():
            other = subject.segments.get(node.in_segment)
            return NO if other is None else evaluate_segment(other, subject, now)
        case _:
            assert_never(node)
