"""Which of several runs of one customer acts, which ends for it, and which steps the others have said already.

Two runs of one journey meet where two identifiers turn out to be one customer. No step is said twice then, and the
steps that come, come in their order (docs/decisions/2026-11-25-runs-that-meet.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.journeys.enrollment import Enrollment, Handed
from shared.domain.journeys.language import JourneyDefinition, WhenStart
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.journeys.position import clock_of, unanswered
from shared.domain.messages.message import Reason, State
from shared.domain.profile import Profile

Place = tuple[str, str]
"""Home and ref of a run."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How far the messages of a run came.

    ``steps``: those that the person has, or may have. ``furthest``: the place, in the order of the file, of the last of
    them or of one that is on its way. ``clock``: what it was planned with.
    """

    steps: frozenset[str]
    furthest: int
    clock: datetime


NOBODY: Mapping[Place, Spoken] = {}


def place_of(run: Enrollment) -> Place:
    return (run.home, run.ref)


def twins_of(
    journey: JourneyDefinition, run: Enrollment, runs: Iterable[Enrollment], profile: Profile
) -> list[Enrollment]:
    """The other runs of the journey that spoke to the same person about the same: live ones, those that ended in the
    lifetime of this one or within re-entry of it, and of one value all."""
    after = journey.reenter.after if journey.reenter is not None else timedelta()
    began = run.started_at
    if isinstance(journey.start, WhenStart) and profile.cart.updated_at is not None:
        began = max(began, profile.cart.updated_at)  # as re-entry is asked; the trigger may be an earlier change
    return [
        other
        for other in runs
        if (other.journey, other.one) == (run.journey, run.one)
        and place_of(other) != place_of(run)
        and (other.end is None or bool(run.one) or other.end.at + after > began)
    ]


def spoken(
    journey: JourneyDefinition, run: Enrollment, profile: Profile, outcomes: Outcomes, now: datetime
) -> Spoken | None:
    """None if nothing of the run went out and nothing is on its way. ``journey`` is the definition that it pins."""
    had = frozenset(step for (step, _), record in outcomes.items() if record.delivered_or_unknown)
    claimed = {step for (step, _), record in outcomes.items() if record.state is State.CLAIMED}
    furthest = -1
    for place, step in enumerate(journey.sends):
        handed = run.steps.get(step.id)
        waiting = run.live and isinstance(handed, Handed) and unanswered(step, handed, outcomes, now)
        if waiting or step.id in had or (run.live and step.id in claimed):
            furthest = place
    return None if furthest < 0 else Spoken(had, furthest, clock_of(journey, run, profile, outcomes, now).at)


def said_before(journey: JourneyDefinition, run: Enrollment, said: Mapping[Place, Spoken]) -> frozenset[str]:
    """The steps of this run that others said, and those that come before such: nobody goes back."""
    others = {step for place, one in said.items() if place != place_of(run) for step in one.steps}
    names = [step.id for step in journey.sends]
    last = max((place for place, name in enumerate(names) if name in others), default=-1)
    return frozenset(names[: last + 1])


def rival_of(run: Enrollment, runs: Iterable[Enrollment], said: Mapping[Place, Spoken] = NOBODY) -> Enrollment | None:
    """The live run of the same customer that acts instead of this one; None if this one acts.

    Of two runs of one journey (and of one value, if it runs once per value) the one whose messages came further acts,
    so that the person's conversation goes on with its clock; of equal ones the earlier clock; if none said anything,
    the one that started earlier (design 6). Of two journeys of one exclusive group the one of higher priority acts,
    and if both have the same, the earlier run.
    """
    found = [other for other in runs if other.live and _outranks(other, run, said)]
    return min(found, key=lambda other: other.order, default=None)


def too_soon_after(
    journey: JourneyDefinition,
    run: Enrollment,
    runs: Iterable[Enrollment],
    profile: Profile,
    said: Mapping[Place, Spoken],
) -> Enrollment | None:
    """The ended run after which this one, that has said nothing, would not have begun, had the two been known to be one
    customer: re-entry counts from the end of the last run that sent something."""
    if journey.reenter is None or place_of(run) in said:
        return None
    ended = (
        other
        for other in twins_of(journey, run, runs, profile)
        if other.end is not None and other.end.reason != Reason.SUPERSEDED and place_of(other) in said
    )
    return min(ended, key=lambda other: other.order, default=None)


def _outranks(other: Enrollment, run: Enrollment, said: Mapping[Place, Spoken]) -> bool:
    if place_of(other) == place_of(run):
        return False
    if other.journey == run.journey:
        return other.one == run.one and _rank(other, said) < _rank(run, said)
    if not run.group or other.group != run.group:
        return False
    return (-other.priority, other.order) < (-run.priority, run.order)


def _rank(run: Enrollment, said: Mapping[Place, Spoken]) -> tuple[int, datetime, tuple[datetime, str, str]]:
    """Smaller acts; the same whoever asks."""
    one = said.get(place_of(run))
    return (1, run.started_at, run.order) if one is None else (-one.furthest, one.clock, run.order)
