"""The Lambda function on the stream of ``messages``: what became of each message is told to the lake.

It reads the stream, so that who decides and sends makes no request for the lake, and no crash of his loses a row.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from functions.measure.handing_settings import lake_of_environment
from shared.adapters.attribute_values import read_item
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, offered_again
from shared.domain.lake.outcome_rows import message_row
from shared.domain.lake.tables import OUTCOMES
from shared.domain.messages.message import State
from shared.ports.lake import LakeWriter
from shared.stores.lake_rows import LakeRows
from shared.stores.ledger import SK, read_record

log = logging.getLogger("kervan.measure")
log.setLevel(logging.INFO)

UNDECIDED = frozenset({State.CLAIMED, State.CALLING})
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@without_values
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """All rows of a batch in one request. If neither Firehose nor its queue takes them, the stream brings the batch
    again, for a day; a record that cannot be read is counted and passed over."""
    return respond(event, lake_of_environment())


def respond(event: Mapping[str, Any], lake: LakeWriter) -> Failures:
    records, rows, unread = event["Records"], LakeRows(lake), 0
    for record in records:
        try:
            _tell(record["dynamodb"], rows)
        except UNREADABLE as broken:
            log.error("gave up a record: %s", kind_of(broken))
            unread += 1
    try:
        rows.flush()
    except Exception as error:  # noqa: BLE001 - whatever the network does, the stream brings it again
        log.warning("will try again: %s", kind_of(error))
        return offered_again([records[0]["dynamodb"]["SequenceNumber"]])
    count({"lake_lost": unread}, function="measure-on-message")
    return offered_again([])


def _tell(change: Mapping[str, Any], rows: LakeRows) -> None:
    """Nothing of what was deleted, of other items, and of a message that nobody has decided about yet."""
    if "NewImage" not in change:
        return
    item = read_item(change["NewImage"])
    if item.get("sk") == SK and State(item["state"]) not in UNDECIDED:
        rows.hand_on(OUTCOMES, message_row(read_record(item)))
