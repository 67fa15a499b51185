"""The Lambda function on the stream of ``customers``, for new events: fold, claim, evaluate, write ``customer``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.segment.environment import Environment, environment
from functions.segment.service import Batch, NewerRelease
from shared.adapters.attribute_values import read_item
from shared.adapters.trouble import kind_of
from shared.domain.events import Event
from shared.ports import Conflict, Throttled
from shared.stores.event_items import UnreadableEvent, read_event

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

Failures = dict[str, list[dict[str, str]]]
POISON = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a record of its own makes go wrong, however often it comes; everything else is the world's trouble."""


@dataclass(frozen=True, slots=True)
class Record:
    """One stream record that could be read."""

    number: str
    pk: str
    sk: str
    event: Event


def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """All events of the invocation at once: a customer who did ten things is decided once. A record that cannot be
    folded goes to the failure queue with its key and blocks nobody; a busy table brings the batch again."""
    return respond(event, environment())


def respond(event: Mapping[str, Any], composed: Environment) -> Failures:
    now = composed.clock.now()
    records = _readable(event["Records"], composed)
    if not records:
        return {"batchItemFailures": []}
    try:
        _take(records, composed, now)
    except POISON:
        return _one_by_one(records, composed, now)
    except Exception as trouble:  # noqa: BLE001 - whatever the network does, the stream brings it again
        return _again(records[0], trouble)
    log.info("folded %d events", len(records))
    return {"batchItemFailures": []}


def _take(records: Sequence[Record], composed: Environment, now: datetime) -> None:
    batches: dict[str, Batch] = {}
    for record in records:
        batches.setdefault(record.pk, Batch(record.pk)).events.append(record.event)
    try:
        composed.segmentation().take(batches.values(), now)
    except NewerRelease:
        composed.segmentation(refresh=True).take(batches.values(), now)


def _one_by_one(records: Sequence[Record], composed: Environment, now: datetime) -> Failures:
    """Finds the poisoned one; folding the others again changes nothing."""
    for record in records:
        try:
            _take([record], composed, now)
        except POISON as broken:
            _give_up({"pk": record.pk, "sk": record.sk}, broken, composed)
        except (Conflict, Throttled, OSError) as trouble:
            return _again(record, trouble)
    return {"batchItemFailures": []}


def _readable(raw: Sequence[Mapping[str, Any]], composed: Environment) -> list[Record]:
    records = []
    for entry in raw:
        change = entry["dynamodb"]
        try:
            item = read_item(change["NewImage"])
            records.append(Record(change["SequenceNumber"], item["pk"], item["sk"], read_event(item)))
        except (UnreadableEvent, *POISON) as broken:
            _give_up({name: next(iter(key.values())) for name, key in change.get("Keys", {}).items()}, broken, composed)
    return records


def _again(record: Record, trouble: Exception) -> Failures:
    log.warning("will try again: %s", kind_of(trouble))
    return {"batchItemFailures": [{"itemIdentifier": record.number}]}


def _give_up(key: Mapping[str, str], broken: Exception, composed: Environment) -> None:
    """Its key only: whoever mends the cause reads the log."""
    log.error("gave up a record: %s", kind_of(broken))
    composed.failures.send_many([json.dumps({"function": "segment-on-events", **key, "reason": kind_of(broken)})])
