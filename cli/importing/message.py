"""A body as it goes out: with an id that the row itself gives, a time, and within the API's limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from cli.importing.moments import written
from shared.domain.events.context import HISTORY
from shared.domain.events.json_values import check_values
from shared.domain.events.read_message import message_id_of
from shared.domain.events.refusals import Refused
from shared.domain.events.size_limits import EVENT_BYTES


def message(body: dict[str, Any], at: datetime | None, *, live: bool = True) -> bytes:
    """The JSON of one event; the same row gives the same bytes on every day.

    Without ``messageId`` it is a digest of what the row says. ``at`` counts for rows that say no time; it is no part of
    the id, so that the same row dated otherwise is still the same statement. Unless ``live``, the event is marked as
    history; that is no part of the id either.

    Raises
    ------
    Refused
        If it has no time at all, or is larger than the API takes.
    """
    check_values(body)
    body["messageId"] = message_id_of(body)
    if "timestamp" not in body:
        if at is None:
            raise Refused("the row has no time; give it one, or --at for all that have none")
        body["timestamp"] = written(at)
    if not live:
        context = body.setdefault("context", {})
        if type(context) is not dict:
            raise Refused("context must be an object")
        context[HISTORY] = True
    try:
        data = orjson.dumps(body)
    except (TypeError, ValueError) as broken:  # text with half a character in it
        raise Refused("the row holds text that is not valid Unicode") from broken
    if len(data) > EVENT_BYTES:
        raise Refused(f"the event is larger than {EVENT_BYTES // 1024} KB")
    return data
