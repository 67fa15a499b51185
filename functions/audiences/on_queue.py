"""The Lambda function on the queue of audiences: customers who may have entered or left one, and that it is time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from functions.audiences import on_due
from functions.audiences.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.domain.audiences.tasks import UnreadableTask, is_due, read_task
from shared.ports.invocation import Invocation

log = logging.getLogger("kervan.audiences")
log.setLevel(logging.INFO)


@without_values
def handler(event: Mapping[str, Any], context: Invocation) -> Failures:
    """Works on each message alone; all of it may be repeated."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: Invocation, composed: Environment) -> Failures:
    membership, now = composed.membership, composed.clock.now()
    audiences = membership.audiences()
    changed = 0

    def take(record: Record) -> bool:
        nonlocal changed
        if is_due(body_of(record)):
            on_due.respond(context, composed)
            return True
        for home in read_task(body_of(record)):
            changed += membership.refresh(home, audiences, now)
        return True

    failures = work_on_each(event, take, log, UnreadableTask)
    if changed:
        count({"audiences_changed": changed}, function="audiences-on-queue")
    return failures
