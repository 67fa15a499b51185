"""What every quarter of an hour brings: the platforms are told who entered and left."""

from __future__ import annotations

import logging
from datetime import timedelta

from functions.audiences.environment import Environment
from functions.audiences.telling import Telling
from shared.adapters.counters import count, gauge
from shared.ports.invocation import Invocation

log = logging.getLogger("kervan.audiences")
log.setLevel(logging.INFO)

LEAST_MS = 100_000
"""With less left no step begins: a change of Google is three requests of 30 s at most."""
AN_HOUR = timedelta(hours=1)


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """One run, if there is anything to do and nobody else is at it."""
    if not composed.membership.audiences():
        return {}
    now, name = composed.clock.now(), context.aws_request_id
    until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
    if not composed.entries.lease(name, now, until):
        log.info("another run is at it")
        return {}
    telling = Telling(
        composed.entries,
        composed.membership,
        composed.customers,
        composed.platform,
        composed.clock.now,
        lambda: context.get_remaining_time_in_millis() > LEAST_MS,
    )
    try:
        telling.run()
    finally:
        composed.entries.release(name)
    _tell_how_it_stands(composed)
    done = {f"audiences_{name}": telling.tally[name] for name in ("told", "added", "removed", "failed", "walked")}
    count(done, function="audiences-on-queue")
    log.info("%s", done)
    return done


def _tell_how_it_stands(composed: Environment) -> None:
    """What alarms look at: for how many hours the oldest change waits, and a platform takes nothing."""
    now, states = composed.clock.now(), composed.entries.states()
    waiting = [at for state in states if (at := composed.entries.oldest_due(state.name)) is not None]
    failing = [state.failing for state in states if state.failing is not None]
    gauge(
        {
            "audiences_hours_due": int((now - min(waiting, default=now)) / AN_HOUR),
            "audiences_hours_failing": int((now - min(failing, default=now)) / AN_HOUR),
        },
        function="audiences-on-queue",
    )
