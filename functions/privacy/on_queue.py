"""The Lambda function on the queue of erasures: a message holds the id of one, or of a case that asks for a copy, or
says that an hour has passed, so that retention goes on."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from functions.privacy.environment import Environment, environment
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.domain.privacy.erasure import State
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.privacy")
log.setLevel(logging.INFO)

MARGIN_MS = 30_000


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Erases until the time is nearly over; the rest is a message of its own."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> Failures:
    """Works on each erasure; the queue offers those again that failed."""
    return work_on_each(event, lambda record: _worked(record, context, composed), log)


def _worked(record: Record, context: TimeLeft, composed: Environment) -> bool:
    """All that was done can be done again."""
    task = json.loads(body_of(record))
    if "copy" in task:
        made = composed.copying().make(str(task["copy"]), "en" if task.get("language") == "en" else "tr")
        log.info("a copy was %s", "made" if made else "made before")
        return True
    if "retention" in task:
        _retain(context, composed)
        return True
    name = str(task["erasure"])
    erasure = composed.erasing.run(
        name, composed.clock.now(), time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS
    )
    if erasure is None:
        log.error("there is no such erasure")
        return True
    if erasure.state is State.RUNNING:
        composed.queue.send_many([task_of(name)])
    elif erasure.state is State.ERASED:
        composed.queue.send_later(task_of(name), composed.confirm_after)
    log.info("an erasure of %d identifiers: %s", len(erasure.homes), erasure.state.value)
    return True


def _retain(context: TimeLeft, composed: Environment) -> None:
    """Walks as far as its time goes; the next hour goes on."""
    retaining, rules = composed.retaining()
    walk = retaining.run(
        rules, composed.clock.now(), time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS
    )
    if walk is not None:
        log.info("retention: %s", dict(walk.counts))


def task_of(name: str) -> str:
    """The message that asks for an erasure to go on."""
    return json.dumps({"erasure": name})
