"""Whether a definition holds: one function per node, each as the docstring of the node says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import assert_never

from shared.domain.identifiers import Identifier
from shared.domain.segments import language
from shared.domain.segments.oracle import counting, telling
from shared.domain.segments.oracle.history import History
from shared.domain.segments.oracle.instant import Instant
from shared.domain.shop import Shop

Others = Mapping[str, language.SegmentDefinition]


def oracle_segments(
    definitions: Iterable[language.SegmentDefinition],
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
    definition: language.SegmentDefinition,
    history: History,
    shop: Shop,
    now: datetime,
    others: Others,
    address_keys: Callable[[Identifier], str],
) -> bool:
    """Whether the customer is in the segment at ``now``; ``others`` are the segments of the release, by name."""
    return _node(definition.who, Instant(history, shop, now, address_keys), others)


def _node(node: language.Node, asked: Instant, others: Others) -> bool:
    match node:
        case language.All():
            return all(_node(part, asked, others) for part in node.all)
        case language.AnyOf():
            return any(_node(part, asked, others) for part in node.any)
        case language.Not():
            return not _node(node.not_, asked, others)
        case language.InSegment():
            return _node(others[node.in_segment].who, asked, others)
        case language.Orders() | language.Event() | language.Received() | language.Opens() | language.Clicks():
            return _counted(node, asked)
        case language.Active():
            return counting.active(node.active, asked)
        case language.Overdue():
            return counting.overdue(node.overdue, asked)
        case _:
            return _told(node, asked)


def _counted(
    node: language.Orders | language.Event | language.Received | language.Opens | language.Clicks, asked: Instant
) -> bool:
    match node:
        case language.Orders():
            return counting.orders(node.orders, asked)
        case language.Event():
            return counting.event(node.event, asked)
        case language.Received():
            return counting.received(node.received, asked)
        case language.Opens():
            return counting.opens(node.opens, asked)
        case language.Clicks():
            return counting.clicks(node.clicks, asked)
    assert_never(node)


def _told(
    node: language.TraitIs | language.Anniversary | language.CartIs | language.HasConsent | language.Reachable,
    asked: Instant,
) -> bool:
    match node:
        case language.TraitIs():
            return telling.trait(node.trait, asked)
        case language.Anniversary():
            return telling.anniversary(node.anniversary, asked)
        case language.CartIs():
            return telling.cart(node.cart, asked)
        case language.HasConsent():
            return telling.consent(node.consent, asked)
        case language.Reachable():
            return telling.reachable(node.reachable, asked)
    assert_never(node)
