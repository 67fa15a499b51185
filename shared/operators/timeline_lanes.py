"""The sorted lists that a timeline is merged from: events with and without a time, and messages, per identifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.domain.identity.keys import EVENT_END, EVENT_PREFIX, NO_TIME_SLOT, moment, time_text
from shared.operators.merging import Lane, Read
from shared.ports import Page, Table
from shared.stores.event_items import UnreadableEvent, time_of
from shared.stores.ledger import Ledger

EVENT, UNTIMED, MESSAGE = "event", "untimed", "message"
UNTIMED_AT_MOST = 200
"""Events without a time of their own that are put in the order of receipt, per identifier. More come last instead."""
_SLOT = f"{EVENT_PREFIX}{NO_TIME_SLOT}#"
_TIMED = "0"
"""The least beginning of a time."""


class Span(NamedTuple):
    """Half-open, as fixed-width text; None is open."""

    since: str | None
    until: str | None


EVER = Span(None, None)


def timed_events(customers: Table, key: str, span: Span, end: int | None) -> Lane:
    """``end`` (milliseconds): what happened from then on in a contested browser is not read at all."""

    def read(at_least: str | None, below: str | None, limit: int, cursor: str | None) -> Page:
        low = EVENT_PREFIX + (at_least or _TIMED)
        high = EVENT_END if below is None else EVENT_PREFIX + below
        return customers.query(key, at_least=low, below=high, limit=limit, newest_first=True, cursor=cursor)

    ends = [text for text in (span.until, None if end is None else time_text(moment(end))) if text is not None]
    return Lane(EVENT, key, read, _place, floor=span.since or _TIMED, ceiling=min(ends, default=None))


def untimed_events(customers: Table, key: str, span: Span) -> list[Lane]:
    """At the time of their receipt, which is not in their keys: so they are read at once, if they are not too many."""
    slot = customers.query(key, prefix=_SLOT, limit=UNTIMED_AT_MOST)
    if not slot.items:
        return []
    if slot.cursor is not None:
        return [] if span != EVER else [Lane(UNTIMED, key, _of_slot(customers, key), _place)]
    received = sorted(((_received(item), item) for item in slot.items), key=lambda row: row[0], reverse=True)

    def read(at_least: str | None, below: str | None, _limit: int, _cursor: str | None) -> Page:
        chosen = [(place, item) for place, item in received if (at_least or "") <= place]
        return Page([item for place, item in chosen if below is None or place < below])

    return [Lane(UNTIMED, key, read, _received, floor=span.since, ceiling=span.until)]


def messages_of(table: Table, key: str, span: Span) -> Lane:
    ledger = Ledger(table)

    def read(at_least: str | None, below: str | None, limit: int, cursor: str | None) -> Page:
        return ledger.of_home(key, at_least=at_least, below=below, limit=limit, cursor=cursor)

    return Lane(MESSAGE, key, read, lambda item: str(item["at"]), floor=span.since, ceiling=span.until)


def _of_slot(customers: Table, key: str) -> Read:
    def read(_at_least: str | None, below: str | None, limit: int, cursor: str | None) -> Page:
        high = EVENT_PREFIX + (_TIMED if below is None else min(below, _TIMED))
        return customers.query(key, at_least=_SLOT, below=high, limit=limit, newest_first=True, cursor=cursor)

    return read


def _place(item: Mapping[str, Any]) -> str:
    return str(item["sk"]).removeprefix(EVENT_PREFIX)


def _received(item: Mapping[str, Any]) -> str:
    """Its place if its key held the time of receipt."""
    rest = str(item["sk"]).removeprefix(_SLOT)
    try:
        return f"{time_text(time_of(item))}#{rest}"
    except UnreadableEvent:
        return f"{NO_TIME_SLOT}#{rest}"
