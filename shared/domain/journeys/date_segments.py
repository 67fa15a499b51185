"""Starts by date as segments: whose day it is today. So segmentation's flips begin them, and nothing else wakes up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from shared.domain.definitions.stored_models import read_stored
from shared.domain.journeys.definition import DateStart, JourneyDefinition
from shared.domain.journeys.start_definition import day_segment
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.time.durations import duration_text

_DAY = timedelta(days=1)


def day_segments(journeys: Iterable[JourneyDefinition]) -> Iterator[SegmentDefinition]:
    """The segments that a release makes of these journeys, for everybody to see, to explain, and to look ahead in."""
    for journey in journeys:
        if isinstance(journey.start, DateStart):
            name = journey.journey
            label = {"tr": f"{name}: günü gelenler", "en": f"{name}: whose day it is"}
            yield read_stored(
                SegmentDefinition, {"segment": day_segment(name), "label": label, "who": _who(journey.start)}
            )


def _who(start: DateStart) -> dict[str, Any]:
    """True from the beginning of the local day on which the journey begins, for a day or until the day is over."""
    if start.every == "once":
        return {"trait": {"name": start.date, "within": duration_text(_DAY)}}
    ahead = (start.before or timedelta()) + _DAY
    return {"anniversary": {"trait": start.date, "ahead": f"{ahead // _DAY}d"}}
