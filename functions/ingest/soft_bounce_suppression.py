"""Suppresses an address after soft bounces, and lifts that when mail is delivered there after all.

A delivery costs one read more, because nearly no address ever bounced. What was delivered before the first bounce is
found in the log, so the order in which reports arrive does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.consent.consent import EVERY_PURPOSE, LIFTED, SOFT_BOUNCES, Consent, in_force
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.ses_reports import Report
from shared.domain.identity.keys import EVENT_END, EVENT_PREFIX, milliseconds, moment, time_text
from shared.domain.messages.message import Record
from shared.ports import Table
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.ledger import Ledger
from shared.stores.soft_bounces import SoftBounceStore

SOURCE = "ses"
DELIVERED = "Email Delivered"


@dataclass(frozen=True, slots=True)
class SoftBounceSuppression:
    """Every step can be repeated: the state is a join, statements are named after the report."""

    customers: Table
    ledger: Ledger

    def record(self, report: Report, record: Record, now: datetime) -> None:
        """A soft bounce or a delivery, whose event is stored already.

        Raises
        ------
        Throttled
            If it could not be stored now: the report is given again.
        """
        store, address, at = SoftBounceStore(self.customers), record.address_key, milliseconds(report.time)
        if report.delivered:
            if store.get(address) is None:
                return
            held = store.change(address, lambda found: found.with_delivery(at))
        else:
            store.change(address, lambda found: found.with_bounce(at, report.report_id))
            reached_at = max(self._delivered_since(record, report.time), self._lifted(record))
            held = store.change(address, lambda found: found.with_delivery(reached_at))
        self._write_statement(held.to_suppress, report, record, now)

    def _delivered_since(self, record: Record, since: datetime) -> int:
        """When mail was last delivered to the address, from the bounce on, by the log of the message's home."""
        newest, cursor = 0, None
        first = f"{EVENT_PREFIX}{time_text(since)}"
        while True:
            page = self.customers.query(record.home, at_least=first, below=EVENT_END, cursor=cursor)
            for item in page.items:
                if item["name"] == DELIVERED and self._same_address(item, record.address_key):
                    newest = max(newest, milliseconds(read_event(item).time))
            cursor = page.cursor
            if cursor is None:
                return newest

    def _lifted(self, record: Record) -> int:
        """When an operator last took the address off the suppression: bounces until then count no more."""
        said = statements(self.customers, record.address_key)
        lifts = (one for one, _ in said if one.lifts and one.source != SOURCE and one.channel == record.channel)
        return max((milliseconds(one.received_at) for one in lifts), default=0)

    def _same_address(self, item: dict[str, object], address: str) -> bool:
        try:
            about = read_event(item).properties.get("message_id")
        except UnreadableEvent:
            return False
        record = self.ledger.get(about) if isinstance(about, str) else None
        return record is not None and record.address_key == address

    def _write_statement(self, last: tuple[int, str] | None, report: Report, record: Record, now: datetime) -> None:
        """One statement more if what the statements say is not what the bounces say."""
        said = [one for one, _ in statements(self.customers, record.address_key) if one.channel == record.channel]
        stands = any(one.bounced and one.origin == SOFT_BOUNCES for one in in_force(said))
        if stands == (last is not None):
            return
        statement = Consent(
            channel=record.channel,
            purpose=EVERY_PURPOSE,
            granted=last is None,
            time=now if last is None else moment(last[0]),
            received_at=now,
            may_grant=False,
            source=SOURCE,
            message_id=f"{report.report_id}-{SOFT_BOUNCES if last else LIFTED}",
            address_key=record.address_key,
            origin=SOFT_BOUNCES if last else LIFTED,
            link=record.message_id,
        )
        partitions = tuple(dict.fromkeys((record.home, record.address_key)))
        put_first(self.customers, consent_items(ConsentRecord(partitions, statement), trusted=True))
