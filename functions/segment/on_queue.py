"""The Lambda function on segment's work queue: customers decided anew after the definitions have changed; repairs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.segment.backfill import ShardTask
from functions.segment.backfill_shard import Walk
from functions.segment.environment import Environment, environment
from functions.segment.repair import repair
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.domain.deadletters.repair import RepairTask, is_repair
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

MARGIN_MS = 60_000
"""Half of the invocation: a page whose customers are tried again must fit in, and shards take turns every minute."""

Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Walks until the time is nearly over; the rest of the shard is a message of its own."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> Failures:
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event.get("Records", ())
        if not (
            _repaired(record, composed) if is_repair(record.get("body") or "") else _walked(record, context, composed)
        )
    ]
    return {"batchItemFailures": failed}


def _repaired(record: Mapping[str, Any], composed: Environment) -> bool:
    """False if the queue is to offer the task again."""
    try:
        tally = repair(RepairTask.model_validate_json(record["body"]), composed, composed.clock.now())
        composed.flush()
    except Exception as error:  # noqa: BLE001 - whatever it was, doing all of it again is harmless
        log.warning("will try again: %s", kind_of(error))
        return False
    done = {"Repaired": tally.repaired, "RepairFailed": tally.failed}
    count(done, function="segment-on-queue")
    log.info("repaired %d, failed %d, gone %d", tally.repaired, tally.failed, tally.gone)
    return True


def _walked(record: Mapping[str, Any], context: TimeLeft, composed: Environment) -> bool:
    """False if the queue is to offer the message again: it goes on where it was noted last."""
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
        piece = ShardTask.model_validate_json(record.get("body") or "")
        ending = walk.run(piece)
        if ending == "unfinished":
            backfilling.queue.send_many([piece.body()])
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing noted is lost
        log.warning("will try again: %s", kind_of(error))
        return False
    finally:
        tally = walk.tally
        counted = {"BackfillDecided": tally.decided, "BackfillSkipped": tally.skipped, "BackfillFailed": tally.failed}
        count(counted, function="segment-on-queue")
    log.info("shard %d towards release %d: %s, %s", piece.shard, piece.release, ending, counted)
    return True
