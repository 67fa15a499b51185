"""The Lambda function on IYS's work queue: statements that changed here, and what IYS told."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

from functions.iys.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.domain.iys.tasks import Task, UnreadableTask, read_task

log = logging.getLogger("kervan.iys")
log.setLevel(logging.INFO)


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Works on each message alone; all of it may be repeated."""
    return respond(event, environment())


def respond(event: Mapping[str, Any], composed: Environment) -> Failures:
    tally: Counter[str] = Counter()

    def take(record: Record) -> bool:
        _work(read_task(body_of(record)), composed, tally)
        return True

    failures = work_on_each(event, take, log, UnreadableTask)
    if tally:
        count(dict(tally), function="iys-on-queue")
    return failures


def _work(task: Task, composed: Environment, tally: Counter[str]) -> None:
    now, account = composed.clock.now(), composed.shop().iys
    composed.intake.erase(task.erased, now)
    if account is None:
        return  # the shop has no account (any more)
    intake = composed.intake.of_account(account.account)
    for home in task.homes:
        tally["iys_planned"] += intake.refresh(home, now)
    for change in task.changes:
        done = intake.apply(change, now, from_file=task.from_file)
        tally["iys_changed" if done else "iys_unreadable"] += 1
    for refusal in task.refusals:
        intake.refuse(refusal, now)
        tally["iys_unreadable"] += 1
    for key, kind in task.again:
        intake.try_again(key, kind, now)
