"""Since which release a segment's rule is what it is: what a change of the rule does is no news of a customer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.domain.definitions.release import Release
from shared.domain.segments.definition import InSegment, SegmentDefinition, leaves_of

NOT_DECIDING = frozenset(
    {
        "name",
        "languages",
        "send_hours",
        "caps",
        "cart_url",
        "address",
        "contact",
        "mersis",
        "region",
        "brand",
        "prices",
        "test_recipients",
    }
)
"""The shop's answers that no segment asks for. One that is added later counts as deciding until it is named here."""


def ruled_since(release: Release, previous: Release) -> dict[str, int]:
    """Per segment the release in which its rule last changed, this one included; ``previous`` came right before.

    A rule is what is written, the rules of the segments that it asks about, and the shop's answers that decide.
    """
    now, before = _rules(release), _rules(previous)
    return {
        name: previous.ruled_since.get(name, 0) if before.get(name) == rule else release.number
        for name, rule in now.items()
    }


def deciding_answers(release: Release) -> dict[str, object]:
    """The shop's answers that segments ask for."""
    return release.shop.model_dump(mode="json", exclude=set(NOT_DECIDING))


def _rules(release: Release) -> dict[str, str]:
    by_name = {definition.segment: definition for definition in release.segments}
    answers = deciding_answers(release)
    return {name: json.dumps([answers, _asked(name, by_name)], sort_keys=True) for name in by_name}


def _asked(name: str, by_name: Mapping[str, SegmentDefinition]) -> dict[str, object]:
    """What is written in a segment, and in all that it asks about, directly or not."""
    asked: dict[str, object] = {}
    waiting = [name]
    while waiting:
        one = by_name.get(waiting.pop())
        if one is None or one.segment in asked:
            continue
        asked[one.segment] = one.model_dump(mode="json", by_alias=True, exclude_unset=True, include={"who"})
        waiting += [leaf.in_segment for leaf in leaves_of(one.who) if isinstance(leaf, InSegment)]
    return asked
