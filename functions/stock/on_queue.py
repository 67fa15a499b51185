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
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, body_of, work_on_each
from shared.domain.connectors.shop_jobs import is_shop_job, read_job
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

MARGIN_MS = 10_000


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Tells some people; the rest of them is a message of its own, a little later."""
    return respond(event, context, telling_environment())


def respond(
    event: Mapping[str, Any], context: TimeLeft, composed: TellingEnvironment, work: Callable[[], ShopWork] = shop_work
) -> Failures:
    """``work`` takes what shops told; made with the first message of that kind."""
    return work_on_each(event, lambda record: _worked(body_of(record), context, composed, work), log)


def _worked(body: str, context: TimeLeft, composed: TellingEnvironment, work: Callable[[], ShopWork]) -> bool:
    """Offered again, who was told is told once."""
    if is_shop_job(body):
        count(work().take(read_job(body), composed.clock.now()), function="stock-on-queue")
        return True
    task = read_task(body)
    tally = composed.telling.run(
        task, composed.clock.now(), time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS
    )
    if tally.following is not None and task.first:
        composed.queue.send_many([tally.following.body()])
    elif tally.following is not None:
        composed.queue.send_later(tally.following.body(), composed.pause)
    done = {"PeopleTold": tally.told, "PeoplePassed": tally.passed, "PeopleUnreadable": tally.unreadable}
    count({name: number for name, number in done.items() if number}, function="stock-on-queue")
    log.info("told %d of %s, passed %d", tally.told, task.about, tally.passed)
    return True
