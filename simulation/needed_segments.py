"""The segments that journeys ask about: a dry run decides those, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.domain.definitions.journey_problems import conditions_of
from shared.domain.journeys.conditions import nodes_of
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.start_definition import DateStart, EnteredStart, LeftStart, day_segment
from shared.domain.segments.definition import InSegment, Node, SegmentDefinition, parts_of


def needed_segments(
    journeys: Iterable[JourneyDefinition], segments: Iterable[SegmentDefinition]
) -> tuple[SegmentDefinition, ...]:
    """Those that begin a journey or stand in one of its conditions, and those that these ask about; in their order."""
    known = {segment.segment: segment for segment in segments}
    open_ones = {name for journey in journeys for name in _asked(journey)}
    needed: set[str] = set()
    while open_ones:
        name = open_ones.pop()
        if name in known and name not in needed:
            needed.add(name)
            open_ones |= set(_inside(known[name].who))
    return tuple(segment for name, segment in known.items() if name in needed)


def _asked(journey: JourneyDefinition) -> Iterator[str]:
    match journey.start:
        case EnteredStart():
            yield journey.start.entered
        case LeftStart():
            yield journey.start.left
        case DateStart():
            yield day_segment(journey.journey)
        case _:
            pass
    for _, condition in conditions_of(journey):
        yield from (node.in_segment for node in nodes_of(condition) if isinstance(node, InSegment))


def _inside(node: Node) -> Iterator[str]:
    if isinstance(node, InSegment):
        yield node.in_segment
    for part in parts_of(node):
        yield from _inside(part)
