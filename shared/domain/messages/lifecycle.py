"""What may become of a message: pure steps of the ledger's state machine (docs/messages.md).

``CLAIMED -> CALLING -> SENT | FAILED | UNKNOWN``, and from CLAIMED also SKIPPED and DEFERRED. Between CALLING and an
answer the provider may have said yes: a commercial message and an agent's answer are then never called again. CLAIMED
is stored only where somebody else asks about it (``docs/decisions/2026-11-27-claims-that-are-not-stored.md``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.messages.message import Deferred, Failed, Outcome, Reason, Record, Sent, Skipped, State, Unknown
from shared.domain.messages.request import CALLED_ONCE, SendRequest

MAX_TRANSACTIONAL_CALLS = 3
"""Calls for one transactional message, ambiguous ones included."""

IN_FLIGHT = timedelta(minutes=2)
"""A call younger than this may still be answered (longer than a sending function lives)."""


class Claim(Struct, frozen=True):
    """Work on it. ``record`` has the revision that is stored (0: none is); what is stored next has one more, on
    condition that nothing else was stored meanwhile. ``waited``: what the message was told when it was deferred."""

    record: Record
    waited: Deferred | None = None


class Settled(Struct, frozen=True):
    """Nothing to send: ``record`` has the outcome; repeat what follows from it. Store it if ``changed``."""

    record: Record
    changed: bool = False


class Busy(Struct, frozen=True):
    """Another attempt is calling the provider now: try again later."""


def begin(found: Record | None, request: SendRequest, root: str, now: datetime) -> Claim | Settled | Busy:
    """What an attempt to send finds, and may do.

    A skipped message is taken up again by a later hand-over of its step (the clock was restarted). One of a campaign
    also by another profile with this address, who may have agreed where the first did not, and if it was skipped for
    another message that did not go out in the end.
    """
    if found is None:
        return Claim(_claimed(request, root, now, revision=0, attempts=0))
    claimed = _claimed(request, root, now, revision=found.revision, attempts=found.attempts)
    again = Claim(claimed, found.outcome if isinstance(found.outcome, Deferred) else None)
    match found.state:
        case State.CLAIMED | State.DEFERRED:
            return again
        case State.SKIPPED:
            return again if request.due_ms > found.due_ms or _asked_anew(found, request) else Settled(found)
        case State.CALLING:
            if abs(now - found.updated_at) < IN_FLIGHT:
                return Busy()
            if request.purpose in CALLED_ONCE or found.attempts >= MAX_TRANSACTIONAL_CALLS:
                return Settled(_next(found, State.UNKNOWN, Unknown(), now), changed=True)
            return again
        case State.SENT | State.FAILED | State.UNKNOWN:
            return Settled(found)
        case _:
            assert_never(found.state)


def stored(claim: Record) -> Record:
    """The claim as others can read it: for messages about whose attempts somebody asks before they are called."""
    return replace(claim, revision=claim.revision + 1)


def _asked_anew(skipped: Record, request: SendRequest) -> bool:
    superseded = isinstance(skipped.outcome, Skipped) and skipped.outcome.reason == Reason.SUPERSEDED
    return request.campaign is not None and (skipped.home != request.home or superseded)


def calling(claimed: Record, now: datetime) -> Record:
    """The last word before the provider is called; stored first, on condition of the claim's revision.

    ``claimed`` may be described by now: title, language, digest of the address.
    """
    if claimed.state is not State.CLAIMED:
        raise ValueError(f"a message that is {claimed.state} cannot be called")
    return _next(claimed, State.CALLING, None, now, attempts=claimed.attempts + 1)


def not_taken(mine: Record, found: Record, deferred: Deferred, now: datetime) -> Record | None:
    """The provider definitely did not take it for now: DEFERRED, unless something else is known by now. The call does
    not count as one."""
    if found.attempts != mine.attempts or found.state not in {State.CALLING, State.UNKNOWN}:
        return None
    return _next(found, State.DEFERRED, deferred, now, attempts=found.attempts - 1)


def unanswered(mine: Record, found: Record, deferred: Deferred, now: datetime) -> Record | None:
    """Nobody said yes or no to a transactional message: DEFERRED, and called again, at most three times in all. None if
    it is another message or something else is known by now."""
    if mine.purpose in CALLED_ONCE or found.attempts >= MAX_TRANSACTIONAL_CALLS:
        return None
    if found.attempts != mine.attempts or found.state is not State.CALLING:
        return None
    return _next(found, State.DEFERRED, deferred, now)


def settle(mine: Record, found: Record, outcome: Outcome, now: datetime) -> Record | None:
    """Record ``outcome`` of the attempt ``mine`` over what is stored by now; None if that says enough already.

    SENT is the strongest word: nothing downgrades it, and it may come late, over CALLING, UNKNOWN, or a new claim.
    A failure or UNKNOWN is believed only from the newest call. A failure says nothing of an earlier call that was not
    answered: the message is UNKNOWN then, with the reason of the failure.
    """
    if found.state is State.SENT:
        return None
    match outcome:
        case Sent():
            return _next(found, State.SENT, outcome, now)
        case Failed():
            if found.attempts != mine.attempts or found.state not in {State.CALLING, State.UNKNOWN}:
                return None
            if found.purpose not in CALLED_ONCE and found.attempts > 1:
                return _next(found, State.UNKNOWN, Unknown(outcome.reason), now)
            return _next(found, State.FAILED, outcome, now)
        case Unknown():
            if found.attempts != mine.attempts or found.state is not State.CALLING:
                return None
            return _next(found, State.UNKNOWN, outcome, now)
        case Skipped() | Deferred():
            if found.revision != mine.revision:
                return None
            described = replace(found, text=mine.text, address_key=mine.address_key, language=mine.language)
            if isinstance(outcome, Deferred):
                return _next(described, State.DEFERRED, outcome, now)
            if _may_have_gone_out(found):
                return _next(described, State.UNKNOWN, Unknown(outcome.reason), now)
            return _next(described, State.SKIPPED, outcome, now)
        case _:
            assert_never(outcome)


def settle_by_feedback(found: Record, now: datetime) -> Record | None:
    """The provider's feedback names the message, so it went out: CALLING and UNKNOWN become SENT. So does a
    transactional message that waits to be called again."""
    if found.state in {State.CALLING, State.UNKNOWN} or (
        found.state in {State.CLAIMED, State.DEFERRED} and _may_have_gone_out(found)
    ):
        return _next(found, State.SENT, Sent(found.updated_at), now)
    return None


def _may_have_gone_out(found: Record) -> bool:
    """True if a call of a transactional message was never answered; of a commercial one that is its end."""
    return found.purpose not in CALLED_ONCE and found.attempts > 0


def _claimed(request: SendRequest, root: str, now: datetime, *, revision: int, attempts: int) -> Record:
    return Record(
        message_id=request.message_id,
        state=State.CLAIMED,
        home=request.home,
        root=root,
        enrollment=request.enrollment,
        journey=request.journey,
        release=request.release,
        step=request.step,
        template=request.template,
        purpose=request.purpose,
        channel=request.channel,
        due_ms=request.due_ms,
        clock_ms=request.clock_ms,
        decided_at=now,
        updated_at=now,
        revision=revision,
        attempts=attempts,
        test=request.test,
    )


def _next(record: Record, state: State, outcome: Outcome | None, now: datetime, attempts: int | None = None) -> Record:
    """``attempts``: if another number of calls counts from now on."""
    attempts = record.attempts if attempts is None else attempts
    revision = record.revision + 1
    return replace(record, state=state, outcome=outcome, updated_at=now, revision=revision, attempts=attempts)
