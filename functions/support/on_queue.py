"""The Lambda function on the queue of conversations: what channels delivered, and what became of answers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.domain.conversations.jobs import Outcome, Rating, Removal, UnreadableJob, read_job

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Works on a batch."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Works on each record alone."""
    tally: Counter[str] = Counter()

    def take(record: Record) -> bool:
        tally[_worked(body_of(record), environment_of())] += 1
        return True

    failures = work_on_each(event, take, log, UnreadableJob)
    if tally:
        log.info("conversations %s", dict(tally))
        count(dict(tally), function="support-on-queue")
    return failures


def _worked(body: str, composed: Environment) -> str:
    now = composed.clock.now()
    job = read_job(body, composed.keys)
    if isinstance(job, Outcome):
        return "outcomes" if composed.outcomes.note(job, now) else "known"
    if isinstance(job, Rating):
        return "ratings" if composed.satisfaction.note(job, now) else "known"
    if isinstance(job, Removal):
        return "removed" if composed.removals.take(job, now) else "known"
    became, _message = composed.receiving.receive(job, now)
    if any(file.source for file in job.attachments):
        # Raises until its channel gave all: the message is there, and offered again. Of who was erased meanwhile it
        # takes away what was put there before.
        composed.media().fetch(job)
    return {"taken": "messages", "known": "known", "erased": "erased"}[became]
