"""The Lambda function behind the queue of timer batches that the tick handed over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from functions.schedule.environment import Environment, environment
from functions.schedule.fire_timer import Tally
from functions.schedule.on_customer import take_change
from functions.schedule.timer_batches import TimerBatch
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.domain.deadletters.repair import CustomerChange, is_change
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.schedule")
log.setLevel(logging.INFO)

MARGIN_MS = 15_000
"""A batch is begun only if it fits into what is left of the invocation."""

Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Takes the batches in order. The queue offers one that failed again; in the end it is a dead letter.

    Its timers stay armed in any case, and the tick hands them over again.
    """
    return respond(event, context, environment)


def respond(event: Mapping[str, Any], context: TimeLeft, compose: Callable[[], Environment]) -> Failures:
    tally = Tally()
    failed = []
    for record in event.get("Records", ()):
        enough = context.get_remaining_time_in_millis() > MARGIN_MS
        done_by = _changed if is_change(record.get("body") or "") else _done
        if not enough or not done_by(record, compose, tally):
            failed.append({"itemIdentifier": record["messageId"]})
    done = {name: getattr(tally, name) for name in ("fired", "handed_over", "ended", "left", "poisoned")}
    log.info("batches %s", done)
    count(done, function="schedule-on-queue")
    return {"batchItemFailures": failed}


def _changed(record: Mapping[str, Any], compose: Callable[[], Environment], tally: Tally) -> bool:
    """A changed customer that could not be worked on before. False if the queue is to offer it again; in the end it is
    a dead letter."""
    try:
        composed = compose()
        change = CustomerChange.model_validate_json(record["body"])
        images = {"NewImage": change.new, **({"OldImage": change.old} if change.old else {})}
        take_change(images, composed, composed.clock.now())
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing is lost
        log.warning("will try again: %s", kind_of(error))
        return False
    tally.fired += 1
    return True


def _done(record: Mapping[str, Any], compose: Callable[[], Environment], tally: Tally) -> bool:
    """False if the queue is to offer the batch again. Timers that were fired are gone, so nothing is done twice."""
    try:
        batch = TimerBatch.model_validate_json(record.get("body") or "")
        timers = batch.read()
    except ValueError as unreadable:  # a ValidationError is one
        log.error("unreadable batch: %s", kind_of(unreadable))
        return False
    try:
        composed = compose()
        received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
        if batch.again or received > 1:
            timers = composed.timers.standing(timers)
        left = composed.firer.fire(timers, composed.clock.now(), tally)
        if left:  # mostly enrollments that moved meanwhile: as they are now, it goes
            left = composed.firer.fire(left, composed.clock.now(), tally)
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue offers it again and the others go on
        log.warning("will try again: %s", kind_of(error))
        return False
    return not left
