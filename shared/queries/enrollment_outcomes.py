"""What became of the messages of enrollments, read from the ledger: of one enrollment, and of those that met it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from shared.domain.journeys.competing_enrollments import (
    NOBODY,
    Place,
    SentSteps,
    place_of,
    same_subject_enrollments,
    sent_steps,
)
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.outcomes import Outcomes, messages_to_read
from shared.domain.profile.profile import Profile
from shared.stores.ledger import Ledger


def read_outcomes(ledger: Ledger, journey: JourneyDefinition, enrollment: Enrollment, now: datetime) -> Outcomes:
    """The records of the enrollment's messages, by step and channel."""
    asked = messages_to_read(journey, enrollment, now)
    return {asked[found]: record for found, record in ledger.get_many(asked).items()} if asked else {}


def read_sent_steps(
    ledger: Ledger,
    definition: Callable[[Enrollment], JourneyDefinition | None],
    enrollment: Enrollment,
    outcomes: Outcomes,
    enrollments: Iterable[Enrollment],
    profile: Profile,
    now: datetime,
) -> Mapping[Place, SentSteps]:
    """How far this enrollment, whose ``outcomes`` were read, and those of the same journey came. Reads nothing as long
    as it is alone, which is nearly always: two meet only where two identifiers turned out to be one customer.
    ``definition`` is what an enrollment pins."""
    own = definition(enrollment)
    twins = [] if own is None else same_subject_enrollments(own, enrollment, enrollments, profile)
    if own is None or not twins:
        return NOBODY
    found = {place_of(enrollment): sent_steps(own, enrollment, profile, outcomes, now)}
    for one in twins:
        journey = definition(one)
        if journey is not None:
            found[place_of(one)] = sent_steps(journey, one, profile, read_outcomes(ledger, journey, one, now), now)
    return found
