"""Reports of providers come back as events of the customer, and settle what we did not know about our own sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ingest.campaign_limits import CampaignLimits
from functions.ingest.message_events import about_message
from functions.ingest.reputation import Reputation
from functions.ingest.soft_bounce_suppression import SoftBounceSuppression
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.event import Event, EventType
from shared.domain.events.ses_reports import Report, read_report
from shared.domain.identity.identifiers import Identifier
from shared.domain.messages.message import Record
from shared.ports import Table
from shared.stores.consent_items import consent_items, put_first
from shared.stores.event_items import event_item
from shared.stores.ledger import Ledger

SOURCE = "ses"


@dataclass(frozen=True, slots=True)
class Feedback:
    """Every step can be repeated: the items' keys are made of the report, the ledger only moves forward."""

    customers: Table
    ledger: Ledger
    keys: Callable[[Identifier], str]
    reputation: Reputation | None = None
    campaigns: CampaignLimits | None = None

    def record(self, detail: Any, now: datetime) -> bool:
        """Store one report of SES under the message's home; False if it is about no message of ours.

        Raises
        ------
        Throttled
            If a table does not take it now; the same report may be given again.
        """
        report = read_report(detail, now)
        return report is not None and self.take_report(report, SOURCE, now)

    def knows(self, message_id: str, channel: str) -> bool:
        """Whether it is a message of ours, of this channel."""
        record = self.ledger.get(message_id)
        return record is not None and record.channel == channel

    def take_report(self, report: Report, source: str, now: datetime) -> bool:
        """The same for a report of any provider; ``source`` names it.

        Raises
        ------
        Throttled
            If a table does not take it now; the same report may be given again.
        """
        record = self.ledger.get(report.message_id)
        if record is None:
            return False
        if report.withdraws:
            put_first(self.customers, consent_items(_withdrawal(report, record, source, now), trusted=True))
        if not record.test:  # a test tells nothing of its recipient
            event = _event(report, record, source, now)
            self.customers.put_many([event_item(event, self.keys, home=record.home)])
        if record.address_key and (report.soft_bounce or report.delivered):
            SoftBounceSuppression(self.customers, self.ledger).record(report, record, now)
        if report.delivered_to_provider:
            self.ledger.settle_by_feedback(report.message_id, now)
        self._count(report, record, now)  # last: what is tried again before it counts once
        return True

    def _count(self, report: Report, record: Record, now: datetime) -> None:
        """Counts what speaks of the sender's reputation. A bounce or complaint may stop commercial messages, so it
        counts once for each message and recipient, however often it is reported."""
        what = _COUNTED.get(report.name, "")
        if self.reputation is None or not what or (what == "bounced" and report.withdraws != "all"):
            return
        if what == "sent" or self.ledger.mark_first(record.message_id, what, now):
            if what != "sent" and self.campaigns is not None:
                self.campaigns.count(what, record, now)
            self.reputation.count(what, record.channel, now, recipient=record.address_key)


_COUNTED = {"Email Sent": "sent", "Email Bounced": "bounced", "Email Marked as Spam": "complained"}
"""Of bounces those that are for good."""


def _event(report: Report, record: Record, source: str, now: datetime) -> Event:
    about = about_message(record)
    return Event(
        type=EventType.TRACK,
        name=report.name,
        message_id=report.report_id,
        time=report.time,
        received_at=now,
        source=source,
        channel=record.channel,
        trusted=True,
        identifiers=(),
        properties={**report.properties, **about},
        context=dict(report.context),
    )


def _withdrawal(report: Report, record: Record, source: str, now: datetime) -> ConsentRecord:
    address = record.address_key
    return ConsentRecord(
        tuple(dict.fromkeys(partition for partition in (record.home, address) if partition)),
        Consent(
            channel=record.channel,
            purpose=report.withdraws,
            granted=False,
            time=report.time,
            received_at=now,
            may_grant=False,
            source=source,
            message_id=report.report_id,
            address_key=address,
            origin=report.origin,
            link=record.message_id,
        ),
    )
