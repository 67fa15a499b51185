"""When an enrollment is to be decided about: a new one, and one whose customer changed. Nothing is handed over here."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.domain.journeys.effects import Advance, Arm
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.journeys.enrollment_context import EnrollmentContext, WakeUp
from shared.domain.journeys.path import DO, OUT
from shared.domain.journeys.step_definition import FRESH_FOR, NoteStep, SetStep

_MINUTE = timedelta(minutes=1)
_FIVE = 5
ANSWERED = timedelta(minutes=10)
"""By then notify has said what became of a message, unless something is broken."""


def first_wake_up(stage: EnrollmentContext) -> WakeUp | None:
    """When the enrollment, as it is now, is to be looked at; None if everything in it would come too late already."""
    looks = [WakeUp(at, place.step.id) for place, at in stage.planned_sends() if at < place.fresh_until]
    way, now = stage.way, stage.now
    if way.wake is not None:
        looks.append(WakeUp(way.wake, way.stands_at))
    # A line in the log, or being held out, is worth as much as a message would be.
    recent = [name for name, one in way.decided.items() if one.choice in (DO, OUT) and now < one.at + FRESH_FOR]
    looks += [WakeUp(now, name) for name in recent]
    found = min(looks, key=lambda look: look.at, default=None)
    if found is None:
        return None
    return WakeUp(now, found.step) if way.decided else WakeUp(max(now, found.at), found.step)


def notice(stage: EnrollmentContext) -> Advance:
    """Something that the enrollment waited for came about: a timer of the next minute acts on it.

    A round in which nothing was sent is over if the clock moved. What it recorded is forgotten, and the first look of
    the new round is armed, because what is armed may be the old round's next step, which is later. That is two writes,
    once per round: later changes of the cart find nothing to forget. While a message on its way holds the clock nobody
    knows whether the round is over: it is looked at again soon after notify must have said.
    """
    now, way = stage.now, stage.way
    if stage.clock.held and _cart_is_newer(stage):
        soon = _next_minute(now + ANSWERED)
        return Advance(stage.enrollment, (Arm(soon - timedelta(minutes=soon.minute % _FIVE), way.stands_at),))
    forgotten = _of_this_round(stage)
    look = first_wake_up(stage) if forgotten is not None else None
    if forgotten is None or look is None:
        return Advance(stage.enrollment, (Arm(_next_minute(now), way.stands_at),) if way.decided else ())
    at = max(look.at, _next_minute(now)) if way.decided else look.at
    return Advance(forgotten, (Arm(at, look.step),))


def _cart_is_newer(stage: EnrollmentContext) -> bool:
    changed = stage.profile.cart.updated_at
    from_cart = stage.journey.clock.from_ == "last_cart_change"
    return from_cart and changed is not None and changed > stage.clock.at


def _of_this_round(stage: EnrollmentContext) -> Enrollment | None:
    """The enrollment without what other rounds recorded; None if there is nothing of them."""
    if stage.clock.frozen:
        return None
    written = {one.id for one in stage.journey.plan.all if isinstance(one.step, SetStep | NoteStep)}
    steps = stage.enrollment.steps
    kept = {name: one for name, one in steps.items() if one.clock == stage.clock.at or name in written}
    return None if len(kept) == len(steps) else replace(stage.enrollment, steps=kept)


def _next_minute(now: datetime) -> datetime:
    """The next full minute, so that several changes in one minute arm one timer."""
    return now.replace(second=0, microsecond=0) + (_MINUTE if now.second or now.microsecond else timedelta())
