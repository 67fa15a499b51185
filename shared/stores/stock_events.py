"""Events that follow from changes of stock: a notice is written in the same transaction, the event after it.

Item: ``notice#<id>`` / ``event``: everything of the event. A timer that was armed before the transaction writes the
event again, so that a crash between the two loses nothing: an event that is written twice is one event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.events.event import Event, EventType
from shared.domain.events.size_limits import MESSAGE_ID_LENGTH
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds, moment, safe_id
from shared.ports import Table, Write
from shared.stores.event_items import Keys, event_item

SK = "event"
KEPT = timedelta(days=7)
"""A notice names a person, and is needed for minutes."""
SOURCE, CHANNEL = "stock", "store"


def notice_id(kind: str, id_: str, state: str = "") -> str:
    """The id of a notice: short enough for a messageId, and another one for each pick-up or return and each state."""
    written = f"{kind}:{id_}:{state}" if state else f"{kind}:{id_}"
    if len(written) <= MESSAGE_ID_LENGTH:
        return written
    return f"{kind}:{hashlib.blake2b(id_.encode(), digest_size=16).hexdigest()}:{state}"


@dataclass(frozen=True, slots=True)
class Notice:
    """An event to come. ``id`` is its messageId, so the event is the same however often it is written."""

    id: str
    who: str
    name: str
    at: datetime
    properties: Mapping[str, Any]

    def write(self) -> Write:
        """The item, for the transaction of what it tells."""
        return Write(
            {
                "pk": f"notice#{safe_id(self.id)}",
                "sk": SK,
                "id": self.id,
                "who": self.who,
                "name": self.name,
                "at_ms": milliseconds(self.at),
                "properties": dict(self.properties),
                "expires": int((self.at + KEPT).timestamp()),
            },
            {"pk": None},
        )

    def event(self) -> Event:
        """The event that it tells, as a trusted source would report it."""
        kind, _, value = self.who.partition(":")
        return Event(
            type=EventType.TRACK,
            name=self.name,
            message_id=self.id,
            time=self.at,
            received_at=self.at,
            source=SOURCE,
            channel=CHANNEL,
            trusted=True,
            identifiers=(Identifier(IdentifierType(kind), value),),
            properties=self.properties,
            context={"active": False},  # somebody worked with the stock: it is no hour in which the customer is active
        )


class Notices:
    """Reads notices, and writes their events into the customers' logs."""

    def __init__(self, stock: Table, customers: Table, keys: Keys) -> None:
        self._stock, self._customers, self._keys = stock, customers, keys

    def read(self, id_: str) -> Notice | None:
        """The notice of this id; None if it was never written, or a week ago."""
        item = self._stock.get(f"notice#{safe_id(id_)}", SK)
        if item is None:
            return None
        return Notice(item["id"], item["who"], item["name"], moment(int(item["at_ms"])), item["properties"])

    def send(self, notice: Notice) -> None:
        """Write the event; written again, it changes nothing."""
        self._customers.put_many([event_item(notice.event(), self._keys)])
