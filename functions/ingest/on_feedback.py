"""The Lambda function behind what providers report: SES by EventBridge, text messages by an SNS topic.

One report at a time; what fails is given again.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from functools import cache
from typing import Any

from functions.ingest.campaign_limits import CampaignLimits
from functions.ingest.environment import environment
from functions.ingest.feedback import Feedback
from functions.ingest.reputation import Reputation
from functions.ingest.sms_replies import Reply, SmsReplies
from shared.stores.ledger import Ledger

log = logging.getLogger("kervan.ingest")
log.setLevel(logging.INFO)

SMS_SOURCE = "end_user_messaging"


@cache
def feedback() -> Feedback:
    """Made with the first report and kept."""
    composed = environment()
    reputation = Reputation(composed.metrics, composed.catalog, stopped=_tell)
    limits = CampaignLimits(composed.catalog, stopped=_tell_campaign)
    return Feedback(composed.customers, Ledger(composed.messages), composed.keys, reputation, limits)


def _tell(channel: str) -> None:
    from shared.adapters.counters import count

    count({"marketing_stopped": 1}, channel=channel)


def _tell_campaign(channel: str) -> None:
    from shared.adapters.counters import count

    count({"campaign_stopped": 1}, channel=channel)


@cache
def replies() -> SmsReplies:
    """Made with the first reply and kept."""
    composed = environment()
    return SmsReplies(composed.customers, composed.keys, composed.phone, composed.conversations)


def handler(event: dict[str, Any], _context: object) -> None:
    """Take what was reported. What is raised makes Lambda try again, and keeps the report for a redrive at last."""
    records = event.get("Records")
    if isinstance(records, list):
        for record in records:
            _take_notification(record)
        return
    taken = feedback().record(event.get("detail"), environment().clock.now())
    if not taken:
        log.info("a report about no message of ours: %s", str(event.get("detail-type"))[:60])


def _take_notification(record: Any) -> None:
    """One notification of the topic: a report of a text message, or a reply. Nothing of its content is logged."""
    from shared.domain.events.sms_reports import read_sms_report

    now = environment().clock.now()
    said = _message(record)
    if isinstance(said, dict) and "messageBody" in said:
        _take_reply(said, now)
        return
    report = read_sms_report(said, now)
    if report is None or not feedback().take_report(report, SMS_SOURCE, now):
        log.info("a notification about no message of ours")


def _take_reply(said: dict[str, Any], now: datetime) -> None:
    """A text message to a number of ours (two-way messaging of SNS and End User Messaging)."""
    number, text, name = (said.get(part) for part in ("originationNumber", "messageBody", "inboundMessageId"))
    if not (isinstance(number, str) and isinstance(text, str) and isinstance(name, str) and name):
        log.info("a reply that cannot be read")
        return
    taken = replies().receive(Reply(number, text, f"sms-reply-{name[:100]}", SMS_SOURCE), now)
    log.info("a reply that %s", "changes consent" if taken else "says nothing about consent")


def _message(record: Any) -> Any:
    """The JSON of a notification; None if it holds none."""
    notification = record.get("Sns") if isinstance(record, dict) else None
    text = notification.get("Message") if isinstance(notification, dict) else None
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
