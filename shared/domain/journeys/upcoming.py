"""When a run is about to send next, as far as it is known without the ledger: for others that wait their turn."""

from __future__ import annotations

from datetime import datetime

from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.evidence import Rules
from shared.domain.journeys.language import JourneyDefinition
from shared.domain.journeys.stage import Stage
from shared.domain.profile import Profile


def next_send(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, rules: Rules, now: datetime
) -> tuple[str, datetime] | None:
    """The commercial step that comes next and its planned time, now if it is overdue; None if none is known to come.

    What depends on an event that has not come yet is not known.
    """
    if not enrollment.live:
        return None
    sends = Stage(journey, enrollment, profile, {}, rules, now).planned_sends()
    coming = [(at, place.step.id) for place, at in sends if place.commercial and at < place.fresh_until]
    at, name = min(coming, default=(now, ""))
    return (name, at) if name else None
