"""The Lambda function on stock's work queue: people are told of a product that is back, scarce or cheaper, and what
connected shops told of products and stock is taken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from functions.stock.shop_environment import shop_work
from functions.stock.shop_work import ShopWork
from functions.stock.telling_environment import TellingEnvironment, telling_environment
from functions.stock.telling_task import read_task
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.domain.connectors.shop_jobs import is_shop_job, read_job
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

MARGIN_MS = 10_000
Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Tells some people; the rest of them is a message of its own, a little later."""
    return respond(event, context, telling_environment())


def respond(
    event: Mapping[str, Any], context: TimeLeft, composed: TellingEnvironment, work: Callable[[], ShopWork] = shop_work
) -> Failures:
    """``work`` takes what shops told; made with the first message of that kind."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event.get("Records", ())
        if not _worked(record, context, composed, work)
    ]
    return {"batchItemFailures": failed}


def _worked(
    record: Mapping[str, Any], context: TimeLeft, composed: TellingEnvironment, work: Callable[[], ShopWork]
) -> bool:
    """False if the queue is to offer the message again: who was told is told once."""
    try:
        if is_shop_job(record.get("body") or ""):
            count(work().take(read_job(record["body"]), composed.clock.now()), function="stock-on-queue")
            return True
        task = read_task(record.get("body") or "")
        tally = composed.telling.run(
            task, composed.clock.now(), time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS
        )
        if tally.following is not None and task.first:
            composed.queue.send_many([tally.following.body()])
        elif tally.following is not None:
            composed.queue.send_later(tally.following.body(), composed.pause)
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue brings it again
        log.warning("will try again: %s", kind_of(error))
        return False
    done = {"PeopleTold": tally.told, "PeoplePassed": tally.passed, "PeopleUnreadable": tally.unreadable}
    count({name: number for name, number in done.items() if number}, function="stock-on-queue")
    log.info("told %d of %s, passed %d", tally.told, task.about, tally.passed)
    return True
