"""Taking events: what can be taken is made durable by one write of many items, and nothing is read (design 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.events import Source
from shared.domain.identifiers import Identifier, PhoneReader
from shared.domain.tracking.batch import Batch, check_size, named_id
from shared.domain.tracking.consent_events import consent_record
from shared.domain.tracking.reading import read_message
from shared.domain.tracking.refusal import Refused, Rejection
from shared.ports import Table
from shared.stores.consent_items import consent_items, put_first
from shared.stores.event_items import event_item


@dataclass(frozen=True, slots=True)
class Taken:
    """How many events of a request are durable, and why each other one is not. Together they are all that was sent."""

    accepted: int
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """The way in. ``keys`` turns identifiers into partition keys; ``phone`` reads phone numbers."""

    customers: Table
    keys: Callable[[Identifier], str]
    phone: PhoneReader

    def accept(self, batch: Batch, source: Source, received_at: datetime) -> Taken:
        """Store what can be stored. Duplicates within the batch are one item and count as accepted each.

        Raises
        ------
        Throttled
            If the table does not take them now; some may be stored, and sending all again is harmless.
        """
        items: dict[tuple[str, str], dict[str, Any]] = {}
        statements: list[dict[str, Any]] = []
        rejected: list[Rejection] = []
        for place, message in enumerate(batch.messages):
            try:
                check_size(batch, place)
                row, said = self._rows(message, source, received_at, batch.sent_at)
            except Refused as refused:
                rejected.append(Rejection(place, named_id(message), str(refused)))
                continue
            items[row["pk"], row["sk"]] = row
            statements += said
        put_first(self.customers, statements)
        if items:
            self.customers.put_many(list(items.values()))
        return Taken(len(batch.messages) - len(rejected), tuple(rejected))

    def _rows(
        self, message: Any, source: Source, received_at: datetime, sent_at: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The event's item, and those of the consent that it states, if it does."""
        event = read_message(message, source, received_at, sent_at=sent_at, phone=self.phone)
        said = consent_record(event, source, self.keys, self.phone)
        return event_item(event, self.keys), [] if said is None else consent_items(said, trusted=event.trusted)
