"""Reads what became of an enrollment's messages, and of those of other enrollments of the same journey."""

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
    """How far this enrollment, whose ``outcomes`` were read, and others of its journey came.

    Reads nothing if it is the only one, which is nearly always so: two enrollments of one journey meet only where two
    identifiers turn out to be one customer. ``definition`` gives the journey of the release that an enrollment pins.
    """
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
