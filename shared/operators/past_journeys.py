"""The journeys of past releases, for reading their conditions aloud."""

from __future__ import annotations

from pydantic import ValidationError

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.messages.evidence_json import FindJourney
from shared.stores.releases import Releases


def journeys_of(releases: Releases) -> FindJourney:
    """Reads a release when it is first asked for. One that cannot be read any more gives no journey: the answer then
    has the general sentence, and is not refused."""

    def find(release: int, journey: str) -> JourneyDefinition | None:
        try:
            found = releases.get(release)
        except ValidationError:
            return None
        return None if found is None else found.journey(journey)

    return find
