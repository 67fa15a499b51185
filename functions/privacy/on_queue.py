"""The Lambda function on the queue of erasures: a message holds the id of one, or of a case that asks for a copy."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from functions.privacy.environment import Environment, environment
from shared.adapters.error_kinds import kind_of
from shared.domain.privacy.erasure import State
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.privacy")
log.setLevel(logging.INFO)

MARGIN_MS = 30_000
Failures = dict[str, list[dict[str, str]]]


def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Erases until the time is nearly over; the rest is a message of its own."""
    return respond(event, context, environment())


def respond(event: Mapping[str, Any], context: TimeLeft, composed: Environment) -> Failures:
    """Works on each erasure; the queue offers those again that failed."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event.get("Records", ())
        if not _worked(record, context, composed)
    ]
    return {"batchItemFailures": failed}


def _worked(record: Mapping[str, Any], context: TimeLeft, composed: Environment) -> bool:
    """False if the queue is to offer the message again: all that was done can be done again."""
    try:
        body = json.loads(record.get("body") or "")
        if "copy" in body:
            made = composed.copying().make(str(body["copy"]), "en" if body.get("language") == "en" else "tr")
            log.info("a copy was %s", "made" if made else "made before")
            return True
        name = str(body["erasure"])
        erasure = composed.erasing.run(
            name, composed.clock.now(), time_left=lambda: context.get_remaining_time_in_millis() > MARGIN_MS
        )
        if erasure is None:
            log.error("there is no such erasure")
            return True
        if erasure.state is State.RUNNING:
            composed.queue.send_many([body_of(name)])
        elif erasure.state is State.ERASED:
            composed.queue.send_later(body_of(name), composed.confirm_after)
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue brings it again
        log.warning("will try again: %s", kind_of(error))
        return False
    log.info("an erasure of %d identifiers: %s", len(erasure.homes), erasure.state.value)
    return True


def body_of(name: str) -> str:
    """The message that asks for an erasure to go on."""
    return json.dumps({"erasure": name})
