"""Taking events: what can be taken is made durable by one write of many items, and nothing is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.consent.consent_events import ConsentRecord, consent_record
from shared.domain.events.batch import Batch, check_size, named_id
from shared.domain.events.event import Source
from shared.domain.events.event_trace import event_trace
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused, Rejection
from shared.domain.events.warnings import FieldWarning, warnings_of
from shared.domain.facts.provisional import is_provisional
from shared.domain.identity.identifiers import Identifier, PhoneReader
from shared.ports import Table, Throttled
from shared.stores.consent_items import consent_items, put_first
from shared.stores.event_items import event_item
from shared.stores.public_consents import PublicConsents, StoredInPart, at_once
from shared.stores.withdrawal_pointers import Pointers

MOST_WARNINGS = 500
"""In one answer, which must stay far below the 10 MB of an HTTP API."""


@dataclass(frozen=True, slots=True)
class EventWarning:
    """One field of an accepted event that could not be used, by the event's place in the request."""

    index: int
    message_id: str | None
    said: FieldWarning

    def as_json(self) -> dict[str, Any]:
        return {
            "index": self.index, "messageId": self.message_id, "field": self.said.field, "reason": self.said.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """How many events of a request are durable, and why each other one is not. Together they are all that was sent."""

    accepted: int
    rejected: tuple[Rejection, ...]
    warnings: tuple[EventWarning, ...] = ()
    """What of the accepted events could not be used."""
    owners: frozenset[str] = frozenset()
    """Partition keys of the identifiers whose events were accepted."""
    guarded: int = 0
    """Accepted events that are provisional in a shop that takes orders from trusted sources only."""
    traces: tuple[str, ...] = ()
    """By which logs name the accepted events; duplicates within the request are one."""
    withdrawn: int = 0
    """Withdrawals of consent that were not stored before: what is sent again counts once."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The way in. ``keys`` turns identifiers into partition keys; ``phone`` reads phone numbers; ``pointers`` say
    where withdrawals of public sources lie; ``pause`` waits before an attempt that follows a lost race."""

    customers: Table
    keys: Callable[[Identifier], str]
    phone: PhoneReader
    pointers: Pointers
    pause: Callable[[int], None] = at_once

    def accept(self, batch: Batch, source: Source, received_at: datetime) -> Taken:
        """Store what can be stored. Duplicates within the batch are one item and count as accepted each.

        Raises
        ------
        StoredInPart
            If the table does not take them now; some may be stored, and sending all again is harmless. It tells how
            many withdrawals were new: sent again, they are not.
        """
        items: dict[tuple[str, str], dict[str, Any]] = {}
        statements: list[ConsentRecord] = []
        rejected: list[Rejection] = []
        warnings: list[EventWarning] = []
        guarded = 0
        for place, message in enumerate(batch.messages):
            try:
                check_size(batch, place)
                event = read_message(message, source, received_at, sent_at=batch.sent_at, phone=self.phone)
                said = consent_record(event, source, self.keys, self.phone)
                row = event_item(event, self.keys)
            except Refused as refused:
                rejected.append(Rejection(place, named_id(message), str(refused), refused.code))
                continue
            items[row["pk"], row["sk"]] = row
            statements += [] if said is None else [said]
            warnings += [EventWarning(place, named_id(message), one) for one in warnings_of(event)]
            guarded += is_provisional(event, "trusted")
        self.pointers.put(statements)
        withdrawn = self._put_statements(statements, source)
        try:
            if items:
                self.customers.put_many(list(items.values()))
        except Throttled as busy:
            raise StoredInPart(withdrawn) from busy
        return Taken(
            len(batch.messages) - len(rejected),
            tuple(rejected),
            tuple(warnings[:MOST_WARNINGS]),
            frozenset(pk for pk, _sk in items),
            guarded,
            tuple(event_trace(pk, sk) for pk, sk in items),
            withdrawn,
        )

    def _put_statements(self, said: list[ConsentRecord], source: Source) -> int:
        """Returns how many withdrawals were new. What a public key says of one customer is bounded."""
        if not source.trusted:
            return PublicConsents(self.customers, pause=self.pause).put(said)
        new = 0
        try:
            for one in said:
                new += put_first(self.customers, consent_items(one, trusted=True)) and not one.consent.granted
        except Throttled as busy:
            raise StoredInPart(new) from busy
        return new
