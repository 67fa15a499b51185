"""Where an enrollment stands: which clock it follows, and for each step whether it is open, on its way, or settled."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec import Struct

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.journeys.definition import JourneyDefinition, SendStep
from shared.domain.journeys.enrollment import ChosenBranch, Enrollment, HandedOver, SkippedStep
from shared.domain.journeys.evidence import ConditionContext
from shared.domain.journeys.outcomes import Outcomes, reacted, sent_at
from shared.domain.messages.message import UNREACHABLE, Deferred, Failed, Record, Skipped, State
from shared.domain.messages.request import Channel
from shared.domain.profile.profile import Profile


class Open(Struct, frozen=True):
    """To be handed over for these channels, at ``earliest`` if it is fresh and permitted then.

    ``chosen``: if the step asks what the customer prefers, that was asked, and the answer stays.
    """

    step: SendStep
    channels: tuple[Channel, ...]
    earliest: datetime
    due: datetime
    chosen: bool = False

    @property
    def fresh_until(self) -> datetime:
        return self.due + self.step.fresh_for

    @property
    def commercial(self) -> bool:
        return self.step.purpose == "marketing"


class Pending(Struct, frozen=True):
    """Handed over, and notify has recorded no outcome yet. ``fall_back_at``: when the next channel is tried without a
    reaction. After ``fresh_until`` nothing can be sent."""

    step: SendStep
    fall_back_at: datetime | None
    fresh_until: datetime


class Settled(Struct, frozen=True):
    """Nothing more happens with this step."""

    step: SendStep
    at: datetime


Position = Open | Pending | Settled


class EnrollmentClock(Struct, frozen=True):
    """``frozen``: a message went out (or may have), so that the clock does not move any more.
    ``held``: one is on its way that may freeze it."""

    at: datetime
    frozen: bool
    held: bool = False


def clock_of(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, outcomes: Outcomes, now: datetime
) -> EnrollmentClock:
    """The clock that the enrollment follows now.

    Frozen at what the first message was planned with. While a message is on its way it may become the first, so its
    clock is followed until notify has said.
    """
    if enrollment.clock is not None:
        return EnrollmentClock(enrollment.clock, frozen=True)
    delivered = [record.clock_ms for record in outcomes.values() if record.delivered_or_unknown]
    if delivered:
        return EnrollmentClock(moment(min(delivered)), frozen=True)
    for step in journey.sends:
        handed = enrollment.steps.get(step.id)
        if isinstance(handed, HandedOver) and unanswered(step, handed, outcomes, now):
            return EnrollmentClock(handed.clock, frozen=False, held=True)
    if journey.clock.from_ == "last_cart_change" and profile.cart.updated_at is not None:
        return EnrollmentClock(profile.cart.updated_at, frozen=False)
    return EnrollmentClock(enrollment.started_at, frozen=False)


def position(
    step: SendStep, enrollment: Enrollment, at: ConditionContext, outcomes: Outcomes, due: datetime
) -> Position:
    """Where one step stands that is due then.

    What was recorded with another clock is of a round in which nothing was sent: it is forgotten.
    """
    clock, now, profile = at.clock, at.now, at.profile
    progress = enrollment.steps.get(step.id)
    if progress is not None and (progress.clock != clock or isinstance(progress, ChosenBranch)):
        progress = None
    if isinstance(progress, SkippedStep):
        return Settled(step, progress.at)
    records = _records(step, outcomes, clock)
    if not isinstance(progress, HandedOver):
        channels = step.channels_in_order if progress is None else progress.channels
        if not records or all(_of_another_round(record, clock) for record in records.values()):
            return Open(step, channels, due, due, chosen=progress is not None)
        # A crash came between the hand-over and its record: the ledger knows more than the enrollment.
        progress = HandedOver(channels, due, clock)
    return _handed(step, progress, records, profile, due, now)


def _handed(
    step: SendStep, handed: HandedOver, records: dict[Channel, Record], profile: Profile, due: datetime, now: datetime
) -> Position:
    on_its_way = on_its_way_or_late(step, handed, due, now)
    settled: Position = Settled(step, handed.at)
    for place, channel in enumerate(handed.channels):
        record = records.get(channel)
        if record is None:
            return on_its_way
        match record.state:
            case State.CLAIMED | State.CALLING:
                return on_its_way
            case State.SENT | State.UNKNOWN:
                rest = handed.channels[place + 1 :]
                if not rest or rest[0] not in records:
                    return _delivered(step, sent_at(record, handed.at), rest, profile, due)
            case State.DEFERRED:
                until = record.outcome.until if isinstance(record.outcome, Deferred) else due
                if until <= handed.at:
                    return on_its_way  # it was handed over again since
                return Open(step, handed.channels[place:], until, due, chosen=True)
            case State.SKIPPED | State.FAILED:
                settled = Settled(step, record.updated_at)
                if not _next_channel_tried(record):
                    return settled
            case _:
                assert_never(record.state)
    return settled


def _delivered(
    step: SendStep, at: datetime, rest: tuple[Channel, ...], profile: Profile, due: datetime
) -> Open | Settled:
    if step.no_reaction is None or not rest or reacted(profile, at):
        return Settled(step, at)
    return Open(step, rest, at + step.no_reaction.after, due, chosen=True)


def on_its_way_or_late(step: SendStep, handed: HandedOver, due: datetime, now: datetime) -> Pending | Settled:
    """Once it is stale, notify sends it no more, whatever held it up."""
    fresh_until = due + step.fresh_for
    if now >= fresh_until:
        return Settled(step, handed.at)
    fall_back_at = None
    if step.no_reaction is not None and len(handed.channels) > 1:
        fall_back_at = handed.at + step.no_reaction.after
    return Pending(step, fall_back_at if fall_back_at is not None and fall_back_at > now else None, fresh_until)


def unanswered(step: SendStep, handed: HandedOver, outcomes: Outcomes, now: datetime) -> bool:
    """True if notify has not said yet what becomes of it, and something still may: not once it is surely stale."""
    if now >= handed.at + step.fresh_for:
        return False
    for channel in handed.channels:
        record = outcomes.get((step.id, channel))
        if record is None or (_of_another_round(record, handed.clock) and record.state is not State.FAILED):
            return True
        if record.state is State.CLAIMED:
            return True
        if not _next_channel_tried(record):
            return False
    return False


def _next_channel_tried(record: Record) -> bool:
    """Notify goes to the next channel at once if this one does not reach the customer."""
    return isinstance(record.outcome, Skipped | Failed) and record.outcome.reason in UNREACHABLE


def _records(step: SendStep, outcomes: Outcomes, clock: datetime) -> dict[Channel, Record]:
    """Those of this round; and what the provider refused for good in another: that channel is never tried again."""
    if not outcomes:
        return {}
    return {
        channel: record
        for channel in step.possible_channels
        if (record := outcomes.get((step.id, channel))) is not None
        and (record.state is State.FAILED or not _of_another_round(record, clock))
    }


def _of_another_round(record: Record, clock: datetime) -> bool:
    return record.clock_ms != milliseconds(clock)
