"""The Lambda function on segment's work queue: customers decided anew after the definitions have changed; repairs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from functions.segment.backfill import ShardTask
    from functions.segment.backfill_shard import Walk
    from functions.segment.environment import Environment, environment
    from functions.segment.repair import repair
    from shared.adapters.counters import count
    from shared.adapters.handler_errors import without_values
    from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
    from shared.domain.deadletters.repair import RepairTask, is_repair
    from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

MARGIN_MS = 60_000
"""Half of the invocation: a page whose customers are tried again must fit in, and shards take turns every minute."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Walks until the time is nearly over; the rest of the shard is a message of its own."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> Failures:
    def take(record: Record) -> bool:
        body = body_of(record)
        return _repaired(body, composed) if is_repair(body) else _walked(record, context, composed)

    return work_on_each(event, take, log)


def _repaired(body: str, composed: Environment) -> bool:
    """Doing all of it again is harmless."""
    tally = repair(RepairTask.model_validate_json(body), composed, composed.clock.now())
    composed.flush()
    done = {"Repaired": tally.repaired, "RepairFailed": tally.failed}
    count(done, function="segment-on-queue")
    log.info("repaired %d, failed %d, gone %d", tally.repaired, tally.failed, tally.gone)
    return True


def _walked(record: Record, context: TimeLeft, composed: Environment) -> bool:
    """Offered again, it goes on where it was noted last."""
    backfilling = composed.backfilling
    if backfilling is None:
        raise LookupError("KERVAN_WORK is not set")
    walk = Walk(
        composed,
        backfilling,
        owner=record["messageId"],
        lease=timedelta(milliseconds=context.get_remaining_time_in_millis()),
        time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS,
    )
    try:
        piece = ShardTask.model_validate_json(body_of(record))
        ending = walk.run(piece)
        if ending == "unfinished":
            backfilling.queue.send_many([piece.body()])
    finally:
        tally = walk.tally
        counted = {"BackfillDecided": tally.decided, "BackfillSkipped": tally.skipped, "BackfillFailed": tally.failed}
        count(counted, function="segment-on-queue")
    log.info("shard %d towards release %d: %s, %s", piece.shard, piece.release, ending, counted)
    return True
