"""One step forward of an enrollment, as a pure function: production, tests and the dry run use it
(docs/definitions.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.journeys import wake_up
from shared.domain.journeys.competing_enrollments import of_enrollment
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.effects import Advance, Arm, Choose, Effect, Note, Send, SetTraits, Skip
from shared.domain.journeys.enrollment import End, Enrollment
from shared.domain.journeys.enrollment_context import SAID_NOTHING, EnrollmentContext, WakeUp
from shared.domain.journeys.evidence import Rules
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.messages.evidence import Evidence, item
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import Profile

__all__ = [
    "Advance",
    "Arm",
    "Choose",
    "CustomerChanged",
    "Effect",
    "JourneyStopped",
    "Note",
    "Send",
    "SetTraits",
    "Signal",
    "Skip",
    "Superseded",
    "TimerFired",
    "WakeUp",
    "advance",
    "first_wake_up",
    "with_choices",
]  # fmt: skip


class TimerFired(Struct, frozen=True):
    """A timer of the enrollment is due: the armed one or an earlier one, once or more often."""


class CustomerChanged(Struct, frozen=True):
    """Events were folded. Only the exit rule is asked; timers act on what is due."""


class Superseded(Struct, frozen=True):
    """Another enrollment of the same customer acts, or acted too short a time ago: this one ends."""

    by: Enrollment


class JourneyStopped(Struct, frozen=True):
    """The journey was stopped by hand; ``at``: when (ISO 8601), empty if that is not known."""

    at: str = ""


Signal = TimerFired | CustomerChanged | Superseded | JourneyStopped


def advance(
    journey: JourneyDefinition,
    enrollment: Enrollment,
    signal: Signal,
    profile: Profile,
    outcomes: Outcomes,
    rules: Rules,
    now: datetime,
    said: Mapping[str, Evidence] = SAID_NOTHING,
) -> Advance:
    """What follows from a signal. Repeating it repeats the same hand-overs or none, never a different one.

    ``profile`` is the joined customer, ``outcomes`` the ledger's records of this enrollment's messages, both read now.
    ``rules`` is the release that the enrollment pins. ``said``: steps that another enrollment of the journey said to
    this customer, each with the message that says so.
    """
    if not enrollment.live:
        return Advance(enrollment)
    context = EnrollmentContext(journey, enrollment, profile, outcomes, rules, now, said)
    match signal:
        case Superseded(by):
            acts_instead = (of_enrollment(by, enrollment),)
            return context.end(End(Reason.SUPERSEDED, now, {"by": by.ref}, acts_instead))
        case JourneyStopped(at):
            return context.end(End(Reason.JOURNEY_STOPPED, now, found=(item("switch", enrollment.journey, at),)))
        case TimerFired() | CustomerChanged():
            ended = context.complete() or context.stop()
            if ended is not None:
                return ended
            return context.hand_over_due() if isinstance(signal, TimerFired) else wake_up.notice(context)
        case _:
            assert_never(signal)


def with_choices(enrollment: Enrollment, step: Advance) -> Enrollment | None:
    """The enrollment with the choices that must be written before anything is carried out; None if there are none.

    Then ``advance`` is asked again: with the choices in the enrollment it hands over the same however often it is
    asked, whatever the customer prefers, has or is by then.
    """
    choices = {effect.step: effect.choice for effect in step.effects if isinstance(effect, Choose)}
    return replace(enrollment, steps={**enrollment.steps, **choices}) if choices else None


def first_wake_up(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, rules: Rules, now: datetime
) -> WakeUp | None:
    """When a new enrollment is to be looked at; None if everything in it would come too late already."""
    return wake_up.first_wake_up(EnrollmentContext(journey, enrollment, profile, {}, rules, now))
