"""The Lambda function behind the queue of timer batches that the tick handed over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from functions.schedule.environment import Environment, environment
    from functions.schedule.fire_timer import Tally
    from functions.schedule.on_customer import take_change
    from functions.schedule.timer_batches import TimerBatch
    from shared.adapters.counters import count
    from shared.adapters.handler_errors import without_values
    from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
    from shared.domain.deadletters.repair import CustomerChange, is_change
    from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.schedule")
log.setLevel(logging.INFO)

MARGIN_MS = 15_000
"""A batch is begun only if it fits into what is left of the invocation."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Takes the batches in order. The queue offers one that failed again; in the end it is a dead letter.

    Its timers stay armed in any case, and the tick hands them over again.
    """
    return respond(event, context, environment)


def respond(event: Mapping[str, Any], context: TimeLeft, compose: Callable[[], Environment]) -> Failures:
    tally = Tally()

    def take(record: Record) -> bool:
        if context.get_remaining_time_in_millis() <= MARGIN_MS:
            return False
        done_by = _changed if is_change(body_of(record)) else _done
        return done_by(record, compose, tally)

    failures = work_on_each(event, take, log)
    done = {name: getattr(tally, name) for name in ("fired", "handed_over", "ended", "left", "poisoned")}
    log.info("batches %s", done)
    count(done, function="schedule-on-queue")
    return failures


def _changed(record: Record, compose: Callable[[], Environment], tally: Tally) -> bool:
    """A changed customer that could not be worked on before."""
    composed = compose()
    change = CustomerChange.model_validate_json(body_of(record))
    images = {"NewImage": change.new, **({"OldImage": change.old} if change.old else {})}
    take_change(images, composed, composed.clock.now())
    tally.fired += 1
    return True


def _done(record: Record, compose: Callable[[], Environment], tally: Tally) -> bool:
    """False if timers are left. Those that were fired are gone, so nothing is done twice."""
    batch = TimerBatch.model_validate_json(body_of(record))
    timers = batch.read()
    composed = compose()
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    if batch.again or received > 1:
        timers = composed.timers.standing(timers)
    left = composed.firer.fire(timers, composed.clock.now(), tally)
    if left:  # mostly enrollments that moved meanwhile: as they are now, it goes
        left = composed.firer.fire(left, composed.clock.now(), tally)
    return not left
