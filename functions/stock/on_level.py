"""The Lambda function on the stream of ``stock``: changed levels are handed to the queue of the webhook.

It reads the stream, so that who changes the stock makes no request for it, and no crash of his loses a change. It runs
only where a webhook is set up.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any

from shared.adapters.attribute_values import read_item
from shared.adapters.aws_clients import sqs_client
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, offered_again
from shared.adapters.sqs import SqsQueue
from shared.domain.stock.hook import MOST_LEVELS, ChangedLevel, task_of
from shared.domain.stock.movement import Place
from shared.ports import Queue
from shared.stores.stock_items import LEVEL, read_level

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@cache
def queue() -> Queue:
    """The queue of the webhook."""
    return SqsQueue(sqs_client(), os.environ["KERVAN_HOOK_QUEUE"])


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Of a level that changed several times in the batch its last state is told. If the queue takes nothing, the stream
    brings the batch again, for a day."""
    return respond(event, queue())


def respond(event: Mapping[str, Any], into: Queue) -> Failures:
    records = event["Records"]
    newest: dict[Place, ChangedLevel] = {}
    unread = 0
    for record in records:
        try:
            found = _changed(record["dynamodb"])
        except UNREADABLE as broken:
            log.error("gave up a record: %s", kind_of(broken))
            unread += 1
            continue
        if found is not None:
            place = Place(found.sku, found.location)
            newest[place] = max(newest.get(place, found), found, key=lambda one: one.version)
    try:
        into.send_many(task_of(part) for part in _parts(newest.values()))
    except Exception as error:  # noqa: BLE001 - whatever the network does, the stream brings it again
        log.warning("will try again: %s", kind_of(error))
        return offered_again([records[0]["dynamodb"]["SequenceNumber"]])
    told = {"hook_levels": len(newest), "hook_unreadable": unread}
    count({name: number for name, number in told.items() if number}, function="stock-on-level")
    return offered_again([])


def _changed(change: Mapping[str, Any]) -> ChangedLevel | None:
    """The level of a record; None for other items of the table, and for what was deleted."""
    if "NewImage" not in change or not str(change["Keys"]["sk"]["S"]).startswith(LEVEL):
        return None
    stored = read_level(read_item(change["NewImage"]))
    at_ms = stored.chapter.entries[-1].at_ms if stored.chapter.entries else 0
    return ChangedLevel(stored.place.sku, stored.place.location, stored.version, stored.level, at_ms)


def _parts(levels: Iterable[ChangedLevel]) -> Iterable[list[ChangedLevel]]:
    left = iter(levels)
    while part := list(islice(left, MOST_LEVELS)):
        yield part
