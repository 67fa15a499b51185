"""When a claim of a browser reached us. Its own time is what its sender wrote, and a stranger may date his back."""

from __future__ import annotations

from datetime import datetime

from shared.domain.identity.keys import EVENT_PREFIX, milliseconds, moment, time_text
from shared.ports import Table
from shared.stores.event_items import UnreadableEvent, read_event


def claimed_before(customers: Table, owner: str, at: int, event_id: str, instant: datetime) -> bool:
    """Whether a claim reached us before an instant: one of this owner, with this time in milliseconds and this event.
    If the event is not in the log any more, the claim's own time counts. It costs one request."""
    if at >= milliseconds(instant):
        return False
    for item in customers.query(owner, prefix=f"{EVENT_PREFIX}{time_text(moment(at))}#").items:
        try:
            event = read_event(item)
        except UnreadableEvent:
            continue
        if event.id == event_id:
            return event.received_at < instant
    return True
