"""Whether anything in the definitions asks for an event: nobody is told for nothing."""

from __future__ import annotations

from shared.domain.definitions.release import Release
from shared.domain.journeys.start_definition import EventStart


def wanted(release: Release, event: str) -> bool:
    """Whether a journey begins with the event or waits for it, or a definition counts it."""
    features = release.needed
    if event in features.keep or features.filtered.get(event) or features.keyed.get(event):
        return True
    for journey in release.journeys:
        if isinstance(journey.start, EventStart) and journey.start.event == event:
            return True
        if any(one.wait_for.event == event for one in journey.plan.waits):
            return True
    return False
