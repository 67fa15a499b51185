"""Whether another run of the journey speaks to this customer instead: what lay in the queue when two became one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.language import JourneyDefinition
from shared.domain.journeys.rivals import Spoken, place_of, rival_of, said_before
from shared.domain.messages.message import Reason
from shared.domain.messages.request import SendRequest
from shared.domain.profile import Profile
from shared.run_outcomes import read_spoken
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases


def said_by_another(
    request: SendRequest,
    run: Enrollment,
    runs: Iterable[Enrollment],
    profile: Profile,
    releases: Releases,
    ledger: Ledger,
    now: datetime,
) -> Reason | None:
    """``already_said`` or ``superseded``; reads nothing as long as the run is alone."""

    def definition(one: Enrollment) -> JourneyDefinition | None:
        release = releases.get(one.release)
        return release.journey(one.journey) if release is not None else None

    mine = [one for one in runs if one.journey == run.journey]
    said = read_spoken(ledger, definition, run, mine, profile, now) if len(mine) > 1 else {}
    journey = definition(run) if said else None
    if journey is None:
        return None
    if request.step in said_before(journey, run, said):
        return Reason.ALREADY_SAID
    here = next((place for place, step in enumerate(journey.sends) if step.id == request.step), -1)
    own = said.get(place_of(run), Spoken(frozenset(), here, request.clock))
    own = replace(own, furthest=max(own.furthest, here))  # this message is on its way, whatever was recorded of it
    return Reason.SUPERSEDED if rival_of(run, mine, {**said, place_of(run): own}) is not None else None
