"""Whether another enrollment of the journey sends instead: two customers became one while a message was queued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.journeys.competing_enrollments import (
    SentSteps,
    acting_enrollment,
    of_enrollment,
    place_of,
    sent_before,
)
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.evidence import ConditionContext, Rules
from shared.domain.journeys.exit_rule import stopped
from shared.domain.messages.message import Reason, Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.profile.profile import Profile
from shared.queries.enrollment_outcomes import read_outcomes, read_sent_steps
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases


class CompetingEnrollments(Struct, frozen=True):
    """Asks the question that schedule asks, too: which of the customer's enrollments of one journey acts."""

    releases: Releases
    ledger: Ledger
    journeys: JourneyControls

    def sent_by_other_enrollment(
        self,
        request: SendRequest,
        enrollment: Enrollment,
        enrollments: Iterable[Enrollment],
        profile: Profile,
        now: datetime,
    ) -> Skipped | None:
        """``already_said``, ``superseded`` or None. Reads nothing if the customer has one enrollment of the journey."""
        mine = [
            one
            for one in enrollments
            if one.journey == enrollment.journey and not self._stopped_by_hand(one, enrollment)
        ]
        journey = self._definition(enrollment) if len(mine) > 1 else None
        if journey is None:
            return None
        outcomes = read_outcomes(self.ledger, journey, enrollment, now)
        said = dict(read_sent_steps(self.ledger, self._definition, enrollment, outcomes, mine, profile, now))
        if not said:
            return None
        before = sent_before(journey, enrollment, said).get(request.step)
        if before is not None:
            return Skipped(Reason.ALREADY_SAID, evidence=before)
        here = next((place for place, step in enumerate(journey.sends) if step.id == request.step), -1)
        own = said.get(place_of(enrollment), SentSteps(frozenset(), here, request.clock))
        # This message is on its way, whatever was recorded of it.
        said[place_of(enrollment)] = replace(own, furthest=max(own.furthest, here), clock=request.clock)
        acting = [one for one in mine if not self._ends(one, said.get(place_of(one)), profile, now)]
        other = acting_enrollment(enrollment, acting, said)
        if other is None:
            return None
        return Skipped(Reason.SUPERSEDED, evidence=(of_enrollment(other, enrollment),))

    def _definition(self, enrollment: Enrollment) -> JourneyDefinition | None:
        release = self.releases.get(enrollment.release)
        return release.journey(enrollment.journey) if release is not None else None

    def _stopped_by_hand(self, one: Enrollment, enrollment: Enrollment) -> bool:
        """True for another live enrollment whose journey was stopped by hand: it ends at its next step."""
        return one.live and one is not enrollment and self.journeys.of(one.journey, one.began) == "stopped"

    def _ends(self, one: Enrollment, said: SentSteps | None, profile: Profile, now: datetime) -> bool:
        """True if its exit rule holds and schedule has not ended it yet."""
        release, journey = self.releases.get(one.release), self._definition(one)
        if release is None or journey is None or said is None:
            return False
        at = ConditionContext(profile, Rules.of(release), now, said.clock, one.trigger.values)
        return stopped(journey, at) is not None
