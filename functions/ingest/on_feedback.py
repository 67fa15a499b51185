"""The Lambda function on the queue of what providers report: SES by EventBridge, text messages by an SNS topic.

One report after the other; the queue offers again what failed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from functions.ingest.campaign_limits import CampaignLimits
from functions.ingest.environment import environment
from functions.ingest.feedback import Feedback
from functions.ingest.reputation import Reputation
from functions.ingest.sms_replies import Reply, SmsReplies
from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.ports.invocation import TimeLeft
from shared.stores.ledger import Ledger

log = logging.getLogger("kervan.ingest")
log.setLevel(logging.INFO)

SMS_SOURCE = "end_user_messaging"
MARGIN_MS = 16_000
"""A report is begun only if so much is left of the invocation: three attempts at a table that does not answer take 15
seconds. A function that is ended answers nothing, and reports of the batch that were counted are counted again."""


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


class UnreadableReport(ValueError):
    """A record that is neither an event of EventBridge nor a notification of SNS."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Takes what was reported, as far as the time suffices."""

    def take(record: Record) -> bool:
        return context.get_remaining_time_in_millis() > MARGIN_MS and _take(record)

    return work_on_each(event, take, log, UnreadableReport)


def _take(record: Record) -> bool:
    content = _json(body_of(record))
    if not isinstance(content, dict):
        raise UnreadableReport
    if "detail" in content:
        _take_mail_report(content)
    elif isinstance(content.get("Message"), str):
        _take_notification(content["Message"], content.get("Timestamp"))
    else:
        raise UnreadableReport
    return True


def _take_mail_report(event: Mapping[str, Any]) -> None:
    if not feedback().record(event["detail"], environment().clock.now()):
        log.info("a report about no message of ours")


def _take_notification(text: str, published: Any) -> None:
    """One notification of the topic: a report of a text message, or a reply. Nothing of its content is logged.

    ``published`` is when SNS took it.
    """
    from shared.domain.events.event_time import read_time
    from shared.domain.events.sms_reports import read_sms_report

    now = environment().clock.now()
    said = _json(text)
    if isinstance(said, dict) and "messageBody" in said:
        _take_reply(said, read_time(published), now)
        return
    report = read_sms_report(said, now)
    if report is None or not feedback().take_report(report, SMS_SOURCE, now):
        log.info("a notification about no message of ours")


def _take_reply(said: dict[str, Any], sent_at: datetime | None, now: datetime) -> None:
    """A text message to a number of ours (two-way messaging of SNS and End User Messaging)."""
    number, text, name = (said.get(part) for part in ("originationNumber", "messageBody", "inboundMessageId"))
    if not (isinstance(number, str) and isinstance(text, str) and isinstance(name, str) and name):
        log.info("a reply that cannot be read")
        return
    taken = replies().receive(Reply(number, text, f"sms-reply-{name[:100]}", SMS_SOURCE, sent_at=sent_at), now)
    log.info("a reply that %s", "changes consent" if taken else "says nothing about consent")


def _json(text: str) -> Any:
    """None if the text holds none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
