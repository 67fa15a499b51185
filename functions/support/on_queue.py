"""The Lambda function on the queue of conversations: what channels delivered, and what became of answers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from functions.support.environment import Environment, environment
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.domain.conversations.jobs import Outcome, UnreadableJob, read_job

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)

Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Works on a batch; what failed is offered again, and in the end a dead letter."""
    return work(event, environment)


def work(event: Mapping[str, Any], environment_of: Callable[[], Environment]) -> Failures:
    """Works on each record alone. Nothing about a customer is written to the log."""
    failed: list[dict[str, str]] = []
    tally: Counter[str] = Counter()
    for record in event.get("Records", ()):
        try:
            tally[_worked(str(record.get("body") or ""), environment_of())] += 1
        except UnreadableJob:
            log.error("unreadable: a job that is none")
            failed.append({"itemIdentifier": record["messageId"]})
        except Exception as error:  # noqa: BLE001  whatever it was, the queue offers it again
            log.warning("will try again: %s", kind_of(error))
            failed.append({"itemIdentifier": record["messageId"]})
    if tally:
        log.info("conversations %s", dict(tally))
        count(dict(tally), function="support-on-queue")
    return {"batchItemFailures": failed}


def _worked(body: str, composed: Environment) -> str:
    now = composed.clock.now()
    job = read_job(body, composed.keys)
    if isinstance(job, Outcome):
        return "outcomes" if composed.outcomes.note(job, now) else "known"
    became, _message = composed.receiving.receive(job, now)
    return {"taken": "messages", "known": "known", "erased": "erased"}[became]
