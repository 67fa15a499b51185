"""The Lambda function on the queue of conversations: what channels delivered, and what became of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from functions.support.records import Failures, log, work_on_each
from shared.adapters.counters import count
from shared.domain.conversations.jobs import Outcome, Rating, UnreadableJob, read_job


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Works on a batch."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Works on each record alone."""
    failures, tally = work_on_each(event, lambda body: _worked(body, environment_of()), UnreadableJob)
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
    became, _message = composed.receiving.receive(job, now)
    return {"taken": "messages", "known": "known", "erased": "erased"}[became]
