"""A dry run decides the segments that its journeys ask about, with those that these ask about, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from simulation.needed_segments import needed_segments
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.unit


def segment(name: str, who: Any) -> SegmentDefinition:
    return SegmentDefinition.model_validate({"segment": name, "label": {"tr": name, "en": name}, "who": who})


SEGMENTS = (
    segment("buyers", {"orders": {"at_least": 1}}),
    segment("loyal", {"all": [{"in_segment": "buyers"}, {"not": {"in_segment": "sleepers"}}]}),
    segment("sleepers", {"active": {"within": "90d"}}),
    segment("others", {"orders": {"at_least": 9}}),
)


def journey(start: Any, **more: Any) -> JourneyDefinition:
    step = {"id": "a", "at": "1h", "send": "a", "purpose": "marketing", "channels": ["email"], **more}
    return JourneyDefinition.model_validate({"journey": "x", "start": start, "steps": [step]})


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        (journey({"event": "Signed Up"}), []),
        (journey({"entered": "sleepers"}), ["sleepers"]),
        (journey({"left": "loyal"}), ["buyers", "loyal", "sleepers"]),
        (journey({"event": "Signed Up"}, unless={"any": [{"in_segment": "others"}]}), ["others"]),
    ],
)
def test_what_a_journey_asks_about_is_decided(asked: JourneyDefinition, needed: list[str]) -> None:
    """By its start and its conditions, and by detours."""
    assert [one.segment for one in needed_segments([asked], SEGMENTS)] == needed


def test_every_ready_journey_finds_what_it_needs() -> None:
    """Those of the release, the days of starts by date included."""
    bundle = ready_bundle()
    names = {one.segment for one in needed_segments(bundle.journeys, bundle.segments)}
    for one in bundle.journeys:
        asked = getattr(one.start, "entered", None) or getattr(one.start, "left", None)
        assert asked is None or asked in names
