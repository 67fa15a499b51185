"""Whether the provider of the channel may be called now, and what its answers say about it (docs/messages.md#outages).

In normal operation this reads nothing of its own and writes nothing. During an outage a message that may not be called
waits by a timer, not in the queue: five receives of the queue are a quarter of an hour.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from shared.adapters.error_kinds import kind_of
from shared.domain.identity.keys import time_text
from shared.domain.messages.breaker import (
    AnswerKind,
    Breaker,
    Call,
    Phase,
    TakeTurn,
    Wait,
    admit,
    after_answer,
    has_turn,
    recovered,
    turn_at,
)
from shared.domain.messages.evidence import Item, item, of_deadline
from shared.domain.messages.lifecycle import MAX_TRANSACTIONAL_CALLS
from shared.domain.messages.message import Deferred, Reason, Record, Skipped
from shared.domain.messages.request import CALLED_ONCE, SendRequest
from shared.ports import Conflict
from shared.ports.sender import Ambiguous, Answer, Postponed
from shared.stores.breakers import Breakers

log = logging.getLogger("kervan.notify")

SOON = timedelta(minutes=1)
"""When a message is tried again that the provider did not take while the breaker is closed."""
LONGEST_OF_ADDRESS = timedelta(hours=1)
"""The longest time between two calls to an address that fails while the provider works."""
LAST_TRY = timedelta(minutes=1)
"""So long before a message is stale it is tried once more, whatever the outage looks like."""
THROTTLED = "throttled"
PAUSES = (0.3, 0.7)
"""Seconds before a message is offered again to a provider that limits the rate per second."""


class Admitted(Struct, frozen=True):
    """The provider may be called. ``probe``: to learn whether it works again. ``message``: whose call it is."""

    probe: bool = False
    message: str = ""


class ProviderGate:
    """One per environment of a worker. ``opened`` is told the provider's last word when the breaker opens."""

    def __init__(
        self,
        breakers: Breakers,
        *,
        opened: Callable[[str], None] = lambda _cause: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._breakers = breakers
        self._opened = opened
        self._sleep = sleep
        self._refused: set[str] = set()
        """The messages that were refused for now in a row; one that is refused again counts once."""
        self._phase: tuple[Phase, datetime | None] = (Phase.CLOSED, None)

    def admit(
        self, request: SendRequest, claimed: Record, waited: Deferred | None, now: datetime
    ) -> Admitted | Deferred | Skipped:
        """``waited``: what the message was told last time, if it was told to wait."""
        breaker = self._breakers.read()
        last_call = request.purpose in CALLED_ONCE or claimed.attempts + 1 >= MAX_TRANSACTIONAL_CALLS
        match admit(breaker, request.due, now, last_call=last_call, message=request.message_id):
            case Call(None):
                return Admitted(message=request.message_id)
            case Call(probe):
                return self._probe(request, breaker, probe, now)
            case Wait(until):
                return self._wait(request, breaker, until, now)
            case TakeTurn():
                return self._turn(request, breaker, waited, now)

    def call(self, call: Callable[[], Answer]) -> Answer:
        """Makes the one call. A throttled one was definitely not taken: it is made again after a moment, as long as the
        throttle is the first one in a row."""
        answer = call()
        for seconds in PAUSES if not self._refused else ():
            if not isinstance(answer, Postponed) or answer.reason != THROTTLED or answer.about_address:
                break
            self._sleep(seconds)
            answer = call()
        return answer

    def after(self, answer: Answer, admitted: Admitted, now: datetime) -> None:
        """Takes an answer into account. The message is recorded by then, so a failure here is logged and no more."""
        if isinstance(answer, Postponed | Ambiguous) and answer.about_address:
            return  # a probe that says nothing of the provider: the next message probes
        said = _kind_of_answer(answer)
        cause = answer.reason if isinstance(answer, Postponed | Ambiguous) else ""

        def change(breaker: Breaker) -> Breaker:
            return after_answer(
                breaker,
                said,
                now,
                probe=admitted.probe,
                in_a_row=len(self._refused),
                cause=cause,
                message=admitted.message,
            )

        try:
            known = self._breakers.read()
            self._count(known, answer, admitted.message)
            if said is AnswerKind.TAKEN and change(known) == known:
                return
            before, after = self._breakers.change(change)
        except Exception as error:  # noqa: BLE001  the next answer says the same
            log.warning("the breaker was not stored: %s", kind_of(error))
            return
        if after.phase is Phase.OPEN and after.since != before.since:
            log.error("the provider is not called until %s: %s", time_text(after.probe_at or now), cause)
            self._opened(cause)

    def _count(self, known: Breaker, answer: Answer, message: str) -> None:
        """Counts anew after another answer, and in another phase: what opened the breaker does not end a recovery."""
        phase = (known.phase, known.since)
        if phase != self._phase or not isinstance(answer, Postponed):
            self._refused.clear()
        self._phase = phase
        if isinstance(answer, Postponed):
            self._refused.add(message)

    def _probe(
        self, request: SendRequest, breaker: Breaker, probe: Breaker | None, now: datetime
    ) -> Admitted | Deferred | Skipped:
        assert probe is not None  # noqa: S101  the caller matched None before
        try:
            _, stored = self._breakers.change(lambda found: probe if found == breaker else found)
        except Conflict:
            stored = breaker
        if stored == probe:
            return Admitted(probe=True, message=request.message_id)
        return self._wait(request, breaker, probe.probing_until or now + SOON, now)

    def _turn(
        self, request: SendRequest, breaker: Breaker, waited: Deferred | None, now: datetime
    ) -> Admitted | Deferred | Skipped:
        if waited is not None and waited.reason == Reason.PROVIDER_RECOVERING and has_turn(breaker, waited.until, now):
            return Admitted(message=request.message_id)
        turn = turn_at(breaker, self._breakers.take_turn(breaker, request.purpose, now))
        if turn > now:
            return self._wait(request, breaker, turn, now, Reason.PROVIDER_RECOVERING)
        if recovered(breaker, turn, now) != breaker:
            self._breakers.change(lambda found: recovered(found, turn, now) if found.since == breaker.since else found)
        return Admitted(message=request.message_id)

    @staticmethod
    def _wait(
        request: SendRequest, breaker: Breaker, until: datetime, now: datetime, reason: Reason = Reason.PROVIDER_DOWN
    ) -> Deferred | Skipped:
        """Until then; if it is stale then, until shortly before. After that it is stale."""
        outage = _outage(request, breaker)
        if reason is Reason.PROVIDER_DOWN and breaker.cause == THROTTLED:
            reason = Reason.THROTTLED
        last = request.fresh_until - LAST_TRY
        if until <= last:
            return Deferred(until, reason, breaker.cause, (outage,))
        if now < last:
            return Deferred(
                last, Reason.PROVIDER_DOWN if reason is Reason.PROVIDER_RECOVERING else reason, breaker.cause, (outage,)
            )
        return Skipped(Reason.STALE, breaker.cause, (of_deadline(request.due, request.fresh_until), outage))


def not_taken(request: SendRequest, cause: str, now: datetime, *, about_address: bool = False) -> Deferred:
    """What a message gets that the provider did not take, or may not have taken and can get again.

    ``about_address``: no breaker spaces the calls of one address, so each wait is as long as the message's age.
    """
    wait = max(SOON, min(now - request.due, LONGEST_OF_ADDRESS)) if about_address else SOON
    reason = Reason.THROTTLED if cause == THROTTLED else Reason.PROVIDER_DOWN
    return Deferred(now + wait, reason, cause, (item("provider", request.channel, now, because=cause),))


def _outage(request: SendRequest, breaker: Breaker) -> Item:
    return item("provider", request.channel, breaker.opened_at, because=breaker.cause)


def _kind_of_answer(answer: Answer) -> AnswerKind:
    if isinstance(answer, Ambiguous):
        return AnswerKind.AMBIGUOUS
    if isinstance(answer, Postponed):
        return AnswerKind.THROTTLED if answer.reason == THROTTLED else AnswerKind.REFUSED_FOR_NOW
    return AnswerKind.TAKEN
