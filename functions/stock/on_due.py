"""The Lambda function of every minute: it ends what is over, tells what was not told, announces what is news."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from functions.stock import pickups
from functions.stock.announcing import REFS
from functions.stock.customer_events import REF, write_event
from functions.stock.environment import Environment, environment
from functions.stock.reservations import PICKUP, WAITING
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
    """Some timers met trouble and stay for the next tick. The alarm on errors counts this."""


def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Reads what is due, never all; what is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Raises ReservationsLeft after everything else was done."""
    now = composed.clock.now()
    until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
    done = {"expired": 0, "told": 0, "announced": 0, "nothing": 0}
    troubles: set[str] = set()
    with closing(composed.timers.drain("stock", now, owner=context.aws_request_id, until=until)) as pages:
        for page in pages:
            for timer in page:
                try:
                    done[_fire(timer, composed)] += 1
                except Exception as trouble:  # noqa: BLE001 - it stays armed, the others go on
                    troubles.add(kind_of(trouble))
            if context.get_remaining_time_in_millis() < MARGIN_MS:
                break
    if any(done.values()):
        log.info("stock %s", done)
        count(done, function="stock-on-due")
    if troubles:
        raise ReservationsLeft(", ".join(sorted(troubles)))
    return done


def _fire(timer: Timer, composed: Environment) -> str:
    """Does what the timer says, then deletes it: a crash in between repeats it, which changes nothing."""
    now = composed.clock.now()
    if timer.ref == REF:
        done = "told" if _tell(timer.step, composed) else "nothing"
    elif timer.ref == WAITING:
        done = "told" if pickups.remind(composed, timer.step, now) else "nothing"
    elif timer.ref == PICKUP:
        done = "expired" if pickups.expire(composed, timer.step, now) else "nothing"
    elif timer.ref in REFS:
        done = "announced" if composed.announcing().fire(timer.ref, timer.step, now) else "nothing"
    else:
        done = "expired" if _expire(timer.step, composed, now) else "nothing"
    composed.timers.delete(timer)
    return done


def _tell(id_: str, composed: Environment) -> bool:
    """Writes an event once more, for the case that who caused it died before. False if nothing was caused."""
    notice = composed.people().notices.read(id_)
    if notice is None:
        return False
    write_event(composed, notice)
    return True


def _expire(id_: str, composed: Environment, now: datetime) -> bool:
    """Ends a reservation. False if there is nothing to end: it ended before, it was never made, or it was made by a
    later attempt, which armed a timer of its own."""
    held = composed.stock.reservation(id_)
    if held is None or not held.expired(now):
        return False
    try:
        composed.stock.end(id_, "expired", EXPIRY, now, composed.locations.rules)
    except (ReservationEnded, UnknownReservation):
        return False
    return True
