"""When an enrollment sends next, as far as it is known without the ledger: others wait for their turn."""

from __future__ import annotations

from datetime import datetime

from shared.domain.journeys.definition import JourneyDefinition, WaitForStep
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.enrollment_context import EnrollmentContext
from shared.domain.journeys.evidence import Rules
from shared.domain.profile.profile import Profile

MOMENTS = 4
"""How many waits are looked beyond: who competes for a place of today waits for few."""


def next_send(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, rules: Rules, now: datetime
) -> tuple[str, datetime] | None:
    """The commercial step that comes next and its planned time, now if it is overdue; None if none is known to come.

    What depends on an event that has not come yet is not known; what waits for a moment is looked at as it will be
    then, if nothing else happens.
    """
    if not enrollment.live:
        return None
    then = now
    for _ in range(MOMENTS):
        stage = EnrollmentContext(journey, enrollment, profile, {}, rules, then)
        sends = stage.planned_sends()
        coming = [(at, place.step.id) for place, at in sends if place.commercial and at < place.fresh_until]
        if coming:
            at, name = min(coming)
            return name, at
        wake, stands_at = stage.way.wake, stage.way.stands_at
        waits = any(one.id == stands_at and isinstance(one.step, WaitForStep) for one in journey.plan.all)
        if wake is None or wake <= then or waits:
            return None
        then = wake
    return None
