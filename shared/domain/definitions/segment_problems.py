"""Segments that speak of each other: each one named exists, and none is its own member by a detour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from shared.domain.definitions.problems import Problem
from shared.domain.segments.definition import All, AnyOf, InSegment, Node, Not, SegmentDefinition


def segment_problems(files: Mapping[str, str], segments: Mapping[str, SegmentDefinition]) -> Iterator[Problem]:
    """``files``: the file of each segment by its name."""
    for name, segment in segments.items():
        yield from unknown_segments(files[name], "who", segment.who, segments)
    yield from _circles(files, segments)


def unknown_segments(file: str, path: str, node: Node, segments: Mapping[str, object]) -> Iterator[Problem]:
    """Every segment that a node asks about must be there; for conditions of journeys too."""
    for place, name in _asked(path, node):
        if name not in segments:
            near = get_close_matches(name, segments, n=1)
            there = f"did you mean {near[0]}?" if near else "add it to segments/, or write one that exists"
            yield Problem(file, place, f"there is no segment {name}", there)


def _circles(files: Mapping[str, str], segments: Mapping[str, SegmentDefinition]) -> Iterator[Problem]:
    """Each circle once, told from its first segment by name."""
    asks = {name: dict.fromkeys(other for _, other in _asked("who", one.who)) for name, one in segments.items()}
    told: set[frozenset[str]] = set()
    for start in sorted(asks):
        circle = _way_back(start, asks)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            place = next(path for path, other in _asked("who", segments[start].who) if other == circle[1 % len(circle)])
            yield Problem(
                files[start],
                place,
                f"the segments ask about each other in a circle: {' -> '.join((*circle, start))}",
                "take one of these in_segment out, and write its rule instead",
            )


def _way_back(start: str, asks: Mapping[str, Mapping[str, None]]) -> tuple[str, ...]:
    """The shortest way from a segment to itself; empty if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:  # grows while it is read: breadth first
        for other in asks.get(way[-1], ()):
            if other == start:
                return way
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()


def _asked(path: str, node: Node) -> Iterator[tuple[str, str]]:
    """Where in a document which segment is asked about."""
    match node:
        case InSegment():
            yield f"{path}.in_segment", node.in_segment
        case All():
            for place, part in enumerate(node.all):
                yield from _asked(f"{path}.all[{place}]", part)
        case AnyOf():
            for place, part in enumerate(node.any):
                yield from _asked(f"{path}.any[{place}]", part)
        case Not():
            yield from _asked(f"{path}.not", node.not_)
        case _:
            return
