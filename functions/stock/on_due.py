"""The Lambda function of every minute: it ends what is over, tells what was not told, announces what is news."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from functions.stock.announcing import REFS
from functions.stock.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import SafeError, without_values
from shared.operators.stock import pickups
from shared.operators.stock.customer_events import REF, write_event
from shared.operators.stock.reservations import PICKUP, WAITING
from shared.ports.invocation import Invocation
from shared.stores.stock import ReservationEnded, UnknownReservation
from shared.stores.timers import Timer

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

EXPIRY = "expiry"
"""The key by which an expiry that is repeated is known."""


class ReservationsLeft(SafeError):
    """Some timers failed and stay for the next tick. The alarm on errors counts this."""


@without_values
def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Reads what is due, never all; what is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Raises ReservationsLeft after everything else was done."""
    found, failed = composed.timers.fire_each(
        "stock", composed.clock.now(), context, lambda timer: _fire(timer, composed)
    )
    done = {word: found[word] for word in ("expired", "told", "announced", "nothing")}
    if any(done.values()):
        log.info("stock %s", done)
        count(done, function="stock-on-due")
    if failed:
        raise ReservationsLeft(", ".join(sorted({kind_of(broken) for broken in failed})))
    return done


def _fire(timer: Timer, composed: Environment) -> str:
    """Does what the timer says; after a crash it is done again, which changes nothing."""
    now = composed.clock.now()
    if timer.ref == REF:
        return "told" if _tell(timer.step, composed) else "nothing"
    if timer.ref == WAITING:
        return "told" if pickups.remind(composed, timer.step, now) else "nothing"
    if timer.ref == PICKUP:
        return "expired" if pickups.expire(composed, timer.step, now) else "nothing"
    if timer.ref in REFS:
        return "announced" if composed.announcing().fire(timer.ref, timer.step, now) else "nothing"
    return "expired" if _expire(timer.step, composed, now) else "nothing"


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
