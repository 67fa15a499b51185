"""Whether a definition holds: one function per node, each as the docstring of the node says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import assert_never

from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import Identifier
from shared.domain.segments import definition
from shared.domain.segments.oracle import evaluate_counts, evaluate_state
from shared.domain.segments.oracle.history import History
from shared.domain.segments.oracle.instant import Instant

Others = Mapping[str, definition.SegmentDefinition]


def oracle_segments(
    definitions: Iterable[definition.SegmentDefinition],
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
    definition: definition.SegmentDefinition,
    history: History,
    shop: Shop,
    now: datetime,
    others: Others,
    address_keys: Callable[[Identifier], str],
) -> bool:
    """Whether the customer is in the segment at ``now``; ``others`` are the segments of the release, by name."""
    return _node(definition.who, Instant(history, shop, now, address_keys), others)


def _node(node: definition.Node, asked: Instant, others: Others) -> bool:
    match node:
        case definition.All():
            return all(_node(part, asked, others) for part in node.all)
        case definition.AnyOf():
            return any(_node(part, asked, others) for part in node.any)
        case definition.Not():
            return not _node(node.not_, asked, others)
        case definition.InSegment():
            return _node(others[node.in_segment].who, asked, others)
        case (
            definition.Orders() | definition.Event() | definition.Received() | definition.Opens() | definition.Clicks()
        ):
            return _counted(node, asked)
        case definition.Active():
            return evaluate_counts.active(node.active, asked)
        case definition.Overdue():
            return evaluate_counts.overdue(node.overdue, asked)
        case _:
            return _told(node, asked)


def _counted(
    node: definition.Orders | definition.Event | definition.Received | definition.Opens | definition.Clicks,
    asked: Instant,
) -> bool:
    match node:
        case definition.Orders():
            return evaluate_counts.orders(node.orders, asked)
        case definition.Event():
            return evaluate_counts.event(node.event, asked)
        case definition.Received():
            return evaluate_counts.received(node.received, asked)
        case definition.Opens():
            return evaluate_counts.opens(node.opens, asked)
        case definition.Clicks():
            return evaluate_counts.clicks(node.clicks, asked)
    assert_never(node)


def _told(
    node: definition.TraitIs
    | definition.Anniversary
    | definition.CartIs
    | definition.HasConsent
    | definition.Reachable,
    asked: Instant,
) -> bool:
    match node:
        case definition.TraitIs():
            return evaluate_state.trait(node.trait, asked)
        case definition.Anniversary():
            return evaluate_state.anniversary(node.anniversary, asked)
        case definition.CartIs():
            return evaluate_state.cart(node.cart, asked)
        case definition.HasConsent():
            return evaluate_state.consent(node.consent, asked)
        case definition.Reachable():
            return evaluate_state.reachable(node.reachable, asked)
    assert_never(node)
