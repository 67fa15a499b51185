"""What AWS End User Messaging reports about a text message, as facts about the customer.

The reports come through an SNS topic as JSON with ``eventType``, ``messageId`` and the ``context`` of the sending call.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from shared.domain.consent.consent import EVERY_PURPOSE
from shared.domain.events.event_time import FUTURE, read_time
from shared.domain.events.ses_reports import Report

MESSAGE_CONTEXT = "kervan_message"
"""The key of the context under which notify gives the id of the message."""

DELIVERED, FAILED = "SMS Delivered", "SMS Delivery Failed"
INVALID_NUMBER = "invalid_number"

_FAILURES = {
    "TEXT_INVALID": INVALID_NUMBER,
    "TEXT_INVALID_MESSAGE": "invalid_message",
    "TEXT_UNREACHABLE": "unreachable",
    "TEXT_CARRIER_UNREACHABLE": "carrier_unreachable",
    "TEXT_BLOCKED": "blocked",
    "TEXT_CARRIER_BLOCKED": "carrier_blocked",
    "TEXT_SPAM": "spam",
    "TEXT_TTL_EXPIRED": "expired",
    "TEXT_PROTECT_BLOCKED": "protect_blocked",
}
EVENT_TYPES = ("TEXT_DELIVERED", "TEXT_SUCCESSFUL", *_FAILURES)
"""Those that say what became of a message; the others tell that it is on its way."""


def read_sms_report(detail: Any, received_at: datetime) -> Report | None:
    """The report in a notification; None if it is about no message of ours, or says nothing final.

    Where a network confirms deliveries, ``TEXT_SUCCESSFUL`` comes before ``TEXT_DELIVERED`` and is not final: one of
    the two counts.
    """
    if not isinstance(detail, dict):
        return None
    context, kind = detail.get("context"), detail.get("eventType")
    message_id = context.get(MESSAGE_CONTEXT) if isinstance(context, dict) else None
    if not isinstance(message_id, str) or not message_id or not isinstance(kind, str):
        return None
    delivered = kind == "TEXT_DELIVERED" or (kind == "TEXT_SUCCESSFUL" and detail.get("isFinal") is True)
    failure = _FAILURES.get(kind)
    if not delivered and failure is None:
        return None
    return sms_report(message_id, str(detail.get("messageId")), failure, detail.get("eventTimestamp"), received_at)


def sms_report(message_id: str, provider_id: str, failure: str | None, written: Any, received_at: datetime) -> Report:
    """A final report about one message; ``failure`` is a stable word, None if it was delivered.

    A number that does not exist gets nothing more, like an e-mail address that bounced for good.
    """
    time = read_time(written)
    raw = "\x1f".join((message_id, provider_id, failure or "", str(written))).encode("utf-8", "surrogatepass")
    invalid = failure == INVALID_NUMBER
    return Report(
        message_id=message_id,
        report_id=f"sms-{'failed' if failure else 'delivered'}-{hashlib.blake2b(raw, digest_size=16).hexdigest()}",
        name=FAILED if failure else DELIVERED,
        time=received_at if time is None or time > received_at + FUTURE else time,
        delivered_to_provider=True,
        properties={"reason": failure} if failure else {},
        withdraws=EVERY_PURPOSE if invalid else "",
        origin=INVALID_NUMBER if invalid else "",
    )
