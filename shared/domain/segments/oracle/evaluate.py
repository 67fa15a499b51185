"""Whether a definition holds: one function per node, each as the docstring of the node says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import assert_never

from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import Identifier
from shared.domain.segments.counting_rules import Active, Clicks, Event, Opens, Orders, Overdue, Received
from shared.domain.segments.definition import All, AnyOf, InSegment, Node, Not, SegmentDefinition
from shared.domain.segments.oracle import evaluate_counts, evaluate_state
from shared.domain.segments.oracle.history import History
from shared.domain.segments.oracle.instant import Instant
from shared.domain.segments.state_rules import Anniversary, CartIs, HasConsent, Reachable, TraitIs

Others = Mapping[str, SegmentDefinition]


def oracle_segments(
    definitions: Iterable[SegmentDefinition],
    history: History,
    shop: Shop,
    now: datetime,
    address_keys: Callable[[Identifier], str],
) -> frozenset[str]:
    """The names of all segments that the customer is in at ``now``."""
    others = {definition.segment: definition for definition in definitions}
    return frozenset(
        name for name, definition in others.items() if holds(definition, history, shop, now, others, address_keys)
    )


def holds(
    definition: SegmentDefinition,
    history: History,
    shop: Shop,
    now: datetime,
    others: Others,
    address_keys: Callable[[Identifier], str],
) -> bool:
    """Whether the customer is in the segment at ``now``; ``others`` are the segments of the release, by name."""
    return _node(definition.who, Instant(history, shop, now, address_keys), others)


def _node(node: Node, asked: Instant, others: Others) -> bool:
    match node:
        case All():
            return all(_node(part, asked, others) for part in node.all)
        case AnyOf():
            return any(_node(part, asked, others) for part in node.any)
        case Not():
            return not _node(node.not_, asked, others)
        case InSegment():
            return _node(others[node.in_segment].who, asked, others)
        case Orders() | Event() | Received() | Opens() | Clicks():
            return _counted(node, asked)
        case Active():
            return evaluate_counts.active(node.active, asked)
        case Overdue():
            return evaluate_counts.overdue(node.overdue, asked)
        case _:
            return _told(node, asked)


def _counted(
    node: Orders | Event | Received | Opens | Clicks,
    asked: Instant,
) -> bool:
    match node:
        case Orders():
            return evaluate_counts.orders(node.orders, asked)
        case Event():
            return evaluate_counts.event(node.event, asked)
        case Received():
            return evaluate_counts.received(node.received, asked)
        case Opens():
            return evaluate_counts.opens(node.opens, asked)
        case Clicks():
            return evaluate_counts.clicks(node.clicks, asked)
    assert_never(node)


def _told(
    node: TraitIs | Anniversary | CartIs | HasConsent | Reachable,
    asked: Instant,
) -> bool:
    match node:
        case TraitIs():
            return evaluate_state.trait(node.trait, asked)
        case Anniversary():
            return evaluate_state.anniversary(node.anniversary, asked)
        case CartIs():
            return evaluate_state.cart(node.cart, asked)
        case HasConsent():
            return evaluate_state.consent(node.consent, asked)
        case Reachable():
            return evaluate_state.reachable(node.reachable, asked)
    assert_never(node)
