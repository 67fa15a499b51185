"""The Lambda function on the stream of ``customers``: items ``customer`` begin and stop enrollments, and what becomes
of enrollments is told to the lake."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.cold_start import UncollectedImports

with UncollectedImports():
    from functions.schedule.environment import Environment, environment
    from functions.schedule.unreadable import POISON
    from shared.adapters.attribute_values import read_item
    from shared.adapters.error_kinds import kind_of
    from shared.adapters.handler_errors import without_values
    from shared.adapters.queue_records import Failures, offered_again
    from shared.adapters.stream_pause import StreamPause
    from shared.domain.journeys.enrollment import from_item
    from shared.domain.lake.outcome_rows import enrollment_row
    from shared.domain.lake.tables import OUTCOMES
    from shared.domain.profile.customer_item import Customer, read_customer
    from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.schedule")
log.setLevel(logging.INFO)

PAUSE = StreamPause()

CUSTOMER = "customer"
ENROLLMENT = "enrollment#"
ATTRIBUTES = frozenset({"pk", "sk", "live_shard", *Customer.__struct_fields__})
"""Of an item ``customer``."""
MOST_BYTES = 200_000
"""Of a message; SQS takes 256 KB."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Takes the records in order.

    A record that cannot be read goes to the failure queue with its key, and the rest goes on. A record that meets a
    busy table is reported after a pause, and the stream delivers again from there (partial batch response).
    """
    return PAUSE.around(lambda: respond(event, environment()), event, context)


def respond(event: Mapping[str, Any], composed: Environment) -> Failures:
    answer = _take_all(event, composed)
    if composed.lake is not None:
        composed.lake.flush()
    return answer


def _take_all(event: Mapping[str, Any], composed: Environment) -> Failures:
    now = composed.clock.now()
    for record in event["Records"]:
        change = record["dynamodb"]
        try:
            take_change(change, composed, now)
        except POISON as broken:
            log.error("gave up a record: %s", kind_of(broken))
            composed.failures.send_many([_key_of(change, broken)])
        except Exception as error:  # noqa: BLE001 - whatever the network does, the stream brings it again
            log.warning("will try again: %s", kind_of(error))
            return offered_again([change["SequenceNumber"]])
    return offered_again([])


def take_change(change: Mapping[str, Any], composed: Environment, now: datetime) -> None:
    """One change of an item ``customer``, as the stream tells it; taking it again is harmless. One of an enrollment is
    told to the lake."""
    if "NewImage" not in change:
        return
    new = read_item(change["NewImage"])
    if str(new.get("sk", "")).startswith(ENROLLMENT):
        if composed.lake is not None:
            composed.lake.hand_on(OUTCOMES, enrollment_row(from_item(new)))
        return
    customer = read_customer(new)
    composed.scheduling.customer_changed(new["pk"], _customer(change.get("OldImage")), customer, now)
    if composed.together is not None:
        composed.together.customer_changed(customer)


def _customer(image: Mapping[str, Any] | None) -> Customer | None:
    return read_customer(read_item(image)) if image else None


def _key_of(change: Mapping[str, Any], broken: Exception) -> str:
    """A record for the failure queue: its keys, and its images, which hold keys, names and times alone. Without them
    what the customer entered and left in this moment could not be told again."""
    keys = {name: next(iter(value.values())) for name, value in change.get("Keys", {}).items()}
    body = {"function": "schedule-on-customer", **keys, "reason": kind_of(broken)}
    told = (("new", change.get("NewImage")), ("old", change.get("OldImage")))
    images = {name: _image_of(image) for name, image in told if image}
    usable = keys.get("sk") == CUSTOMER and "new" in images and None not in images.values()
    whole = json.dumps(body | images) if usable else ""
    return whole if 0 < len(whole) < MOST_BYTES else json.dumps(body)


def _image_of(image: Mapping[str, Any]) -> dict[str, Any] | None:
    """The attributes that segmentation writes; nothing else belongs into a letter. None if it is no item of its."""
    if "N" not in image.get("version", {}):
        return None
    return {name: value for name, value in image.items() if name in ATTRIBUTES}
