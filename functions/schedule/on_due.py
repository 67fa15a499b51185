"""The Lambda function of every minute: it fires the due timers of journeys and campaigns."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from functions.schedule.environment import Environment, environment
    from shared.adapters.counters import count
    from shared.adapters.handler_errors import SafeError, without_values
    from shared.ports.invocation import Invocation

log = logging.getLogger("kervan.schedule")
log.setLevel(logging.INFO)

MARGIN_MS = 10_000
"""A page of timers must fit into what is left of the invocation."""


class TimersLeft(SafeError):
    """Some timers failed and stay for the next tick. The alarm on errors counts this."""


@without_values
def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Works on small shards and hands large ones over. What is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Answers with what was done. Raises TimersLeft after everything else was done."""
    now = composed.clock.now()
    tally = composed.tick.drain(
        now,
        owner=context.aws_request_id,
        until=now + timedelta(milliseconds=context.get_remaining_time_in_millis()),
        time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
    )
    done = {name: getattr(tally, name) for name in ("fired", "packed", "handed_over", "ended", "left", "poisoned")}
    if tally.fired or tally.packed:
        log.info("timers %s", done)
        count(done, function="schedule-on-due")
    if tally.oldest is not None:
        count({"TimerLagSeconds": (now - tally.oldest) // timedelta(seconds=1)}, function="schedule-on-due")
    if tally.errors:
        raise TimersLeft(", ".join(sorted(set(tally.errors))))
    return done
