"""Which of several enrollments of one customer acts, which ends for it, and which steps the others have said already.

Two enrollments of one journey meet where two identifiers turn out to be one customer. No step is said twice then, and
the steps that come, come in their order (docs/decisions/2026-11-25-runs-that-meet.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.journeys.definition import JourneyDefinition, WhenStart
from shared.domain.journeys.enrollment import Enrollment, HandedOver, Progress, SkippedStep
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.journeys.step_definition import SendStep
from shared.domain.journeys.step_state import clock_of, unanswered
from shared.domain.messages.evidence import Evidence, Item, item
from shared.domain.messages.message import Reason, State
from shared.domain.profile.profile import Profile

Place = tuple[str, str]
"""Home and ref of an enrollment."""


class SentSteps(Struct, frozen=True):
    """How far the messages of an enrollment came.

    ``steps``: those that the person has, or may have. ``furthest``: the place, in the order of the file, of the last of
    them or of one that is on its way; -1 if there is none. ``tried``: that of the last step that is over, whatever
    became of it. ``clock``: what the enrollment follows. ``messages``: of the steps the message that says so.
    """

    steps: frozenset[str]
    furthest: int
    clock: datetime
    tried: int = -1
    messages: Mapping[str, Item] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """True if nothing of it went out and nothing is in a queue."""
        return self.furthest < 0


NOBODY: Mapping[Place, SentSteps] = {}


def place_of(enrollment: Enrollment) -> Place:
    return (enrollment.home, enrollment.ref)


def same_subject_enrollments(
    journey: JourneyDefinition, enrollment: Enrollment, enrollments: Iterable[Enrollment], profile: Profile
) -> list[Enrollment]:
    """The other enrollments of the journey that spoke to the same person about the same: live ones, those that ended in
    the lifetime of this one or within re-entry of it, and of one value all."""
    after = journey.reenter.after if journey.reenter is not None else timedelta()
    began = enrollment.started_at
    if isinstance(journey.start, WhenStart) and profile.cart.updated_at is not None:
        began = max(began, profile.cart.updated_at)  # as re-entry is asked; the trigger may be an earlier change
    return [
        other
        for other in enrollments
        if (other.journey, other.one) == (enrollment.journey, enrollment.one)
        and place_of(other) != place_of(enrollment)
        and (other.end is None or bool(enrollment.one) or other.end.at + after > began)
        and not _ended_in_silence(other)
    ]


def _ended_in_silence(enrollment: Enrollment) -> bool:
    """True if it ended by itself and sent nothing. An enrollment that sent something has a frozen clock, so the ledger
    is not asked."""
    by_hand = (Reason.SUPERSEDED, Reason.JOURNEY_STOPPED)
    return enrollment.end is not None and enrollment.clock is None and enrollment.end.reason not in by_hand


def sent_steps(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, outcomes: Outcomes, now: datetime
) -> SentSteps:
    """``journey`` is the definition that the enrollment pins."""
    clock = clock_of(journey, enrollment, profile, outcomes, now).at
    messages = {
        step: item("message", record.message_id, record.updated_at, step=step, channel=channel)
        for (step, channel), record in outcomes.items()
        if record.delivered_or_unknown
    }
    over = {step for (step, _), record in outcomes.items() if record.clock_ms == milliseconds(clock)}
    furthest = tried = -1
    for place, step in enumerate(journey.sends):
        progress = enrollment.steps.get(step.id)
        if step.id in messages or (enrollment.live and _on_its_way(step, progress, outcomes, now)):
            furthest = place
        if step.id in over or (isinstance(progress, SkippedStep) and progress.clock == clock):
            tried = place
    return SentSteps(frozenset(messages), furthest, clock, tried, messages)


def _on_its_way(step: SendStep, progress: Progress | None, outcomes: Outcomes, now: datetime) -> bool:
    """Handed over and not answered, or claimed by notify before the enrollment says so; not once it is surely stale."""
    if isinstance(progress, HandedOver) and unanswered(step, progress, outcomes, now):
        return True
    claimed = (record for (name, _), record in outcomes.items() if name == step.id and record.state is State.CLAIMED)
    return any(now < record.updated_at + step.fresh_for for record in claimed)


def of_enrollment(other: Enrollment, enrollment: Enrollment) -> Item:
    """The evidence that another enrollment acts instead of this one; ``because``: of one journey one acts
    (``same_journey``), of an exclusive group one (``same_group``), or it sent something too short a time ago
    (``too_soon_again``)."""
    because = "same_journey" if other.journey == enrollment.journey else "same_group"
    if other.end is not None:
        ended = time_text(other.end.at)
        return item("run", other.ref, other.started_at, ended_at=ended, because="too_soon_again")
    return item("run", other.ref, other.started_at, because=because)


def sent_before(
    journey: JourneyDefinition, enrollment: Enrollment, said: Mapping[Place, SentSteps]
) -> Mapping[str, Evidence]:
    """The steps of this enrollment that others said, and those that come before such: nobody goes back. Each with the
    message that says so."""
    others: dict[str, Evidence] = {}
    for one in (one for place, one in said.items() if place != place_of(enrollment)):
        others |= {step: (one.messages[step],) if step in one.messages else () for step in one.steps}
    names = [step.id for step in journey.sends]
    last = max((place for place, name in enumerate(names) if name in others), default=-1)
    return {name: others.get(name, others[names[last]]) for name in names[: last + 1]}


def acting_enrollment(
    enrollment: Enrollment, enrollments: Iterable[Enrollment], said: Mapping[Place, SentSteps] = NOBODY
) -> Enrollment | None:
    """The live enrollment of the same customer that acts instead of this one; None if this one acts.

    Of two enrollments of one journey (and of one value, if it runs once per value) the one whose messages came further
    acts, so that the person's conversation goes on with its clock; of equal ones the earlier clock; if none said
    anything, the one that has more to say, else the one that started earlier. Of two journeys of one exclusive group
    the one of higher priority acts, and if both have the same, the earlier enrollment.
    """
    found = [other for other in enrollments if other.live and _outranks(other, enrollment, said)]
    return min(found, key=lambda other: other.order, default=None)


def too_soon_after(
    journey: JourneyDefinition,
    enrollment: Enrollment,
    enrollments: Iterable[Enrollment],
    profile: Profile,
    said: Mapping[Place, SentSteps],
) -> Enrollment | None:
    """The ended enrollment after which this one, that has said nothing, would not have begun, had the two been known to
    be one customer: re-entry counts from the end of the last enrollment that sent something."""
    if journey.reenter is None or _spoke(enrollment, said):
        return None
    ended = (
        other
        for other in same_subject_enrollments(journey, enrollment, enrollments, profile)
        if other.end is not None and other.end.reason != Reason.SUPERSEDED and _spoke(other, said)
    )
    return min(ended, key=lambda other: other.order, default=None)


def _outranks(other: Enrollment, enrollment: Enrollment, said: Mapping[Place, SentSteps]) -> bool:
    if place_of(other) == place_of(enrollment):
        return False
    if other.journey == enrollment.journey:
        return other.one == enrollment.one and _rank(other, said) < _rank(enrollment, said)
    if not enrollment.group or other.group != enrollment.group:
        return False
    return (-other.priority, other.order) < (-enrollment.priority, enrollment.order)


def _rank(
    enrollment: Enrollment, said: Mapping[Place, SentSteps]
) -> tuple[int, int, datetime, tuple[datetime, str, str]]:
    """The enrollment with the smaller rank acts. Whoever asks gets the same answer."""
    one = said.get(place_of(enrollment))
    if one is None or one.silent:
        return (1, -1 if one is None else one.tried, enrollment.started_at, enrollment.order)
    return (0, -one.furthest, one.clock, enrollment.order)


def _spoke(enrollment: Enrollment, said: Mapping[Place, SentSteps]) -> bool:
    one = said.get(place_of(enrollment))
    return one is not None and not one.silent
