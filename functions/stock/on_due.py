"""The Lambda function of every minute: it ends reservations whose time is over."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from typing import Any

from functions.stock.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.ports.invocation import Invocation
from shared.stores.stock import ReservationEnded, UnknownReservation
from shared.stores.timers import Timer

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

MARGIN_MS = 10_000
"""A page of timers must fit into what is left of the invocation."""
EXPIRY = "expiry"
"""The key by which an expiry that is repeated is known."""


class ReservationsLeft(Exception):
    """Some reservations met trouble and stay for the next tick. The alarm on errors counts this."""


def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Reads what is due, never all; what is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Raises ReservationsLeft after everything else was done."""
    now = composed.clock.now()
    until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
    done = {"expired": 0, "ended_before": 0}
    troubles: set[str] = set()
    with closing(composed.timers.drain("stock", now, owner=context.aws_request_id, until=until)) as pages:
        for page in pages:
            for timer in page:
                try:
                    done["expired" if _expire(timer, composed) else "ended_before"] += 1
                except Exception as trouble:  # noqa: BLE001 - it stays armed, the others go on
                    troubles.add(kind_of(trouble))
            if context.get_remaining_time_in_millis() < MARGIN_MS:
                break
    if any(done.values()):
        log.info("reservations %s", done)
        count(done, function="stock-on-due")
    if troubles:
        raise ReservationsLeft(", ".join(sorted(troubles)))
    return done


def _expire(timer: Timer, composed: Environment) -> bool:
    """Ends the reservation, then deletes the timer. False if there is nothing to end: it ended before, it was never
    made, or it was made by a later attempt, which armed a timer of its own."""
    now = composed.clock.now()
    held = composed.stock.reservation(timer.step)
    ended = held is not None and held.expired(now)
    if ended:
        try:
            composed.stock.end(timer.step, "expired", EXPIRY, now, composed.locations.rules)
        except (ReservationEnded, UnknownReservation):
            ended = False
    composed.timers.delete(timer)
    return ended
