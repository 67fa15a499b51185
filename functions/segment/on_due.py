"""The Lambda function of every minute: memberships that change with time alone; and it sees to backfills."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from functions.segment.environment import Environment, environment
    from functions.segment.on_events import POISON
    from functions.segment.release import NewerRelease
    from shared.adapters.counters import count
    from shared.adapters.error_kinds import kind_of
    from shared.adapters.handler_errors import SafeError, without_values
    from shared.ports.invocation import Invocation
    from shared.stores.timers import Timer

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

MARGIN_MS = 10_000
"""A page of timers must fit into what is left of the invocation."""


class FlipsLeft(SafeError):
    """Some flips failed and stay for the next tick: the alarm on errors should know."""


@without_values
def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Reads the customers that are due, never all; what is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Raises FlipsLeft after everything else was done."""
    now = composed.clock.now()
    until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
    done = {"fired": 0, "stray": 0, "poisoned": 0}
    errors: set[str] = set()
    oldest: datetime | None = None
    with closing(composed.timers.drain("flip", now, owner=context.aws_request_id, until=until)) as pages:
        for page in pages:
            oldest = min([timer.due for timer in page] + ([oldest] if oldest else []), default=None)
            fired: list[Timer] = []
            for timer in page:
                try:
                    done[_fire(timer, composed)] += 1
                    fired.append(timer)
                except Exception as error:  # noqa: BLE001 - it stays armed, the others go on
                    errors.add(kind_of(error))
            errors |= _forget(fired, composed)
            if context.get_remaining_time_in_millis() < MARGIN_MS:
                break
    if composed.backfilling is not None:
        try:
            done["shards"] = composed.backfilling.oversee(now)
        except Exception as error:  # noqa: BLE001 - the next tick looks again
            errors.add(kind_of(error))
    if any(done.values()):
        log.info("flips %s", done)
        count(done, function="segment-on-due")
    if oldest is not None:
        count({"TimerLagSeconds": (now - oldest) // timedelta(seconds=1)}, function="segment-on-due")
    if errors:
        raise FlipsLeft(", ".join(sorted(errors)))
    return done


def _forget(fired: list[Timer], composed: Environment) -> set[str]:
    """Hands on what a page of timers led to, then deletes them; the kinds of errors that it met."""
    errors: set[str] = set()
    try:
        composed.flush()
    except Exception as error:  # noqa: BLE001 - they fire again
        return {kind_of(error)}
    for timer in fired:
        try:
            composed.timers.delete(timer)
        except Exception as error:  # noqa: BLE001 - it fires again
            errors.add(kind_of(error))
    return errors


def _fire(timer: Timer, composed: Environment) -> str:
    """Decides the customer. The timer is deleted later: a crash before it fires it again, and it finds itself a stray
    that decides the same anew."""
    now = composed.clock.now()
    try:
        try:
            real = composed.segmentation().flip(timer.home, timer.due, now)
        except NewerRelease:
            real = composed.segmentation(refresh=True).flip(timer.home, timer.due, now)
    except POISON as broken:
        log.error("gave up a flip: %s", kind_of(broken))
        body = {
            "function": "segment-on-due",
            "pk": timer.home,
            "due": timer.due.isoformat(),
            "reason": kind_of(broken),
        }
        composed.failures.send_many([json.dumps(body)])
        return "poisoned"
    return "fired" if real else "stray"
