"""What became of an enrollment's messages, in the form that its steps ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import ChosenBranch, Enrollment
from shared.domain.journeys.plan import Planned
from shared.domain.journeys.step_definition import SendStep, WaitStep
from shared.domain.messages.message import Record, Sent
from shared.domain.messages.request import message_id
from shared.domain.profile.profile import Profile

Outcomes = Mapping[tuple[str, str], Record]
"""By step and channel: the ledger's records that exist."""

PROMPT = timedelta(minutes=10)
"""A message that goes out so soon after its hand-over went out at its hand-over."""


def messages_to_read(journey: JourneyDefinition, enrollment: Enrollment, now: datetime) -> dict[str, tuple[str, str]]:
    """Message id to (step, channel) of every message that may exist by now.

    Those of steps that were handed over, and of steps that were due at the earliest clock: a crash may have come
    between the hand-over and the record of it. Behind a step that the enrollment has not decided there are none,
    because what is decided is written before anything that follows from it is handed over.
    """
    return {
        message_id(enrollment.home, enrollment.journey, enrollment.id, step.id, channel): (step.id, channel)
        for step, after in _Reached(enrollment).sends(journey.plan.steps)
        if step.id in enrollment.steps or enrollment.started_at + after <= now
        for channel in step.possible_channels
    }


class _Reached:
    """The sends on the path of the enrollment, each with how long after the start it is due at the earliest."""

    def __init__(self, enrollment: Enrollment) -> None:
        self._enrollment = enrollment
        self._after = timedelta()
        self._open = True

    def sends(self, steps: Iterable[Planned]) -> Iterator[tuple[SendStep, timedelta]]:
        for one in steps:
            step = one.step
            if isinstance(step, SendStep):
                self._after = max(self._after, step.at or timedelta())
                yield step, self._after
            elif isinstance(step, WaitStep) and isinstance(step.wait, timedelta):
                self._after += step.wait
            else:
                decided = self._enrollment.steps.get(one.id)
                self._open = self._open and isinstance(decided, ChosenBranch)
                if isinstance(decided, ChosenBranch) and decided.choice in one.arms:
                    yield from self.sends(one.arms[decided.choice])
                if not self._open:
                    return


def sent_something(records: Iterable[Record]) -> bool:
    """True if the customer got, or may have got, a message of the enrollment."""
    return any(record.delivered_or_unknown for record in records)


def sent_at(record: Record, handed_at: datetime) -> datetime:
    """When the waiting for a reaction began: at the hand-over, as it was planned, unless the queue took long."""
    at = record.outcome.at if isinstance(record.outcome, Sent) else record.updated_at
    return handed_at if at - handed_at < PROMPT else at


def reacted(profile: Profile, since: datetime) -> bool:
    """An open, a click, a tap, a changed cart, or a visit after ``since``; what a machine did is none.

    Visits are known to the hour, so one counts from the next full hour on: a visit from before the message must not
    pass for a reaction to it.
    """
    if profile.cart.updated_at is not None and profile.cart.updated_at > since:
        return True
    if any(hour > since for hour, _, _ in profile.activity[:1]):
        return True
    return any(one.at > since and not one.machine for one in profile.engagement.reactions)
