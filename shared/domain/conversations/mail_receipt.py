"""What SES tells of a mail that it took and put into the bucket.

Form: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html (``Received``, action S3).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PREFIX = "mail/"
"""Where mails lie until they are read."""
_KEY = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{1,128}")


class UnreadableReceipt(ValueError):
    """The body is no notification about a mail in our bucket. The text says nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class MailReceipt:
    """``key``: the mail's object. ``envelope_sender``: from the SMTP dialogue; None if it is not told.

    ``verified``: whether the domain of ``From`` vouches for the mail (DMARC); None if the domain says nothing of it.
    ``infected``, ``suspect``: SES found a virus; it takes the mail for spam.
    """

    key: str
    at: datetime
    envelope_sender: str | None
    verified: bool | None
    infected: bool
    suspect: bool


def read_receipt(body: str, bucket: str) -> MailReceipt:
    """The notification in the body of a queue's message.

    Raises
    ------
    UnreadableReceipt
        If it is something else, or names an object elsewhere.
    """
    try:
        content = json.loads(body)
        mail, receipt = content["mail"], content["receipt"]
        action = receipt["action"]
        if content["notificationType"] != "Received" or action["bucketName"] != bucket:
            raise UnreadableReceipt("it is about no mail in our bucket")
        key = action["objectKey"]
        if not _KEY.fullmatch(key):
            raise UnreadableReceipt("the mail lies elsewhere")
        source = mail.get("source")
        return MailReceipt(
            key=key,
            at=_instant(mail["timestamp"]),
            envelope_sender=source if isinstance(source, str) else None,
            verified={"PASS": True, "FAIL": False}.get(_verdict(receipt, "dmarcVerdict")),
            infected=_verdict(receipt, "virusVerdict") == "FAIL",
            suspect=_verdict(receipt, "spamVerdict") == "FAIL",
        )
    except UnreadableReceipt:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as broken:
        raise UnreadableReceipt("it is no notification about a mail") from broken


def _verdict(receipt: Any, name: str) -> str:
    found = receipt.get(name)
    return str(found.get("status")) if isinstance(found, dict) else ""


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
