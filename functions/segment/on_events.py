"""The Lambda function on the stream of ``customers``, for new events: fold, claim, evaluate, write ``customer``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from msgspec import Struct

    from functions.segment.batch import Batch
    from functions.segment.environment import Environment, environment
    from functions.segment.release import NewerRelease
    from shared.adapters.attribute_values import read_item
    from shared.adapters.error_kinds import kind_of
    from shared.adapters.handler_errors import without_values
    from shared.adapters.queue_records import Failures, offered_again
    from shared.adapters.stream_pause import StreamPause
    from shared.domain.events.event import Event, Source
    from shared.domain.events.event_trace import event_trace
    from shared.ports.invocation import TimeLeft
    from shared.stores.event_items import UnreadableEvent, read_event

log = logging.getLogger("kervan.segment")
log.setLevel(logging.INFO)

PAUSE = StreamPause()

POISON = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a record of its own makes go wrong, however often it comes; everything else is an error outside the record."""


class Record(Struct, frozen=True):
    """One stream record that could be read."""

    place: int
    number: str
    pk: str
    sk: str
    event: Event


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """All events of one person at once, people side by side: who did ten things is decided once, and the wait for the
    table is shared. A record that cannot be folded goes to the failure queue with its key and blocks nobody; a busy
    table brings the batch again, from the first record that was not done, after a pause."""
    return PAUSE.around(lambda: respond(event, environment()), event, context)


def respond(event: Mapping[str, Any], composed: Environment) -> Failures:
    now = composed.clock.now()
    groups = people_apart(_readable(event["Records"], composed, now))
    if composed.workers > 1 and len(groups) > 1:
        with ThreadPoolExecutor(composed.workers) as pool:
            failed = list(pool.map(lambda group: _work(group, composed, now), groups))
    else:
        failed = [_work(group, composed, now) for group in groups]
    composed.flush()
    first = min((record for record in failed if record is not None), key=lambda record: record.place, default=None)
    if first is not None:
        return offered_again([first.number])
    if groups:
        traces = " ".join(event_trace(record.pk, record.sk) for group in groups for record in group)
        log.info("folded %d events of %d people: %s", sum(map(len, groups)), len(groups), traces)
    return offered_again([])


def people_apart(records: Sequence[Record]) -> list[list[Record]]:
    """Records that share an identifier, directly or by others, stay together and in order.

    Two groups may still be one person by what the table knows: then one of two concurrent writers starts again, as
    with two invocations.
    """
    groups: list[list[Record]] = []
    place_of: dict[str, int] = {}
    for record in records:
        names = {record.pk, *map(str, record.event.identifiers)}
        met = sorted({place_of[name] for name in names if name in place_of})
        place = met[0] if met else len(groups)
        if not met:
            groups.append([])
        for other in met[1:]:
            groups[place] += groups[other]
            groups[other] = []
        groups[place].append(record)
        place_of |= dict.fromkeys(names, place)
        if len(met) > 1:
            place_of = {name: place if known in met else known for name, known in place_of.items()}
    return [sorted(group, key=lambda record: record.place) for group in groups if group]


def _work(records: Sequence[Record], composed: Environment, now: datetime) -> Record | None:
    """Folds the events of one person; returns the record from which the stream must come again, if any."""
    try:
        _take(records, composed, now)
    except POISON:
        return _one_by_one(records, composed, now)
    except Exception as error:  # noqa: BLE001 - whatever the network does, the stream brings it again
        return _again(records[0], error)
    return None


def _take(records: Sequence[Record], composed: Environment, now: datetime) -> None:
    batches: dict[str, Batch] = {}
    for record in records:
        batches.setdefault(record.pk, Batch(record.pk)).events.append(record.event)
    try:
        refused = composed.segmentation().fold(batches.values(), now)
    except NewerRelease:
        refused = composed.segmentation(refresh=True).fold(batches.values(), now)
    if refused:
        from shared.stores.source_counters import count_erased  # seldom needed, and paid at each cold start

        log.info("refused %d events of people who were erased", len(refused))
        count_erased(composed.metrics, refused, now)


def _one_by_one(records: Sequence[Record], composed: Environment, now: datetime) -> Record | None:
    """Finds the poisoned one; folding the others again changes nothing."""
    for record in records:
        try:
            _take([record], composed, now)
        except POISON as broken:
            told = record.event
            source = Source(told.source, told.channel, trusted=told.trusted)
            _give_up({"pk": record.pk, "sk": record.sk}, broken, composed, now, source)
        except Exception as error:  # noqa: BLE001 - as above
            return _again(record, error)
    return None


def _readable(raw: Sequence[Mapping[str, Any]], composed: Environment, now: datetime) -> list[Record]:
    records = []
    for place, entry in enumerate(raw):
        change = entry["dynamodb"]
        try:
            item = read_item(change["NewImage"])
            records.append(Record(place, change["SequenceNumber"], item["pk"], item["sk"], read_event(item)))
        except (UnreadableEvent, *POISON) as broken:
            keys = {name: next(iter(key.values())) for name, key in change.get("Keys", {}).items()}
            _give_up(keys, broken, composed, now, None)
    return records


def _again(record: Record, error: Exception) -> Record:
    log.warning("will try again: %s", kind_of(error))
    return record


def _give_up(
    key: Mapping[str, str], broken: Exception, composed: Environment, now: datetime, source: Source | None
) -> None:
    """Its key only: whoever mends the cause reads the log. ``source`` is None if the event cannot be read."""
    from shared.stores.source_counters import count_failed  # as above

    log.error("gave up a record: %s", kind_of(broken))
    composed.failures.send_many([json.dumps({"function": "segment-on-events", **key, "reason": kind_of(broken)})])
    count_failed(composed.metrics, source, now)
