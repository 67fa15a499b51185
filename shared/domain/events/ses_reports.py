"""What SES reports about a mail, as facts about the customer (SES event publishing; names of the lifecycle spec).

The reports come as EventBridge events; ``detail`` is the record that SES's documentation calls event data:
``eventType``, ``mail``, and one object named after the type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.domain.consent.consent import HARD_BOUNCE
from shared.domain.events import event_names
from shared.domain.events.event_time import FUTURE, read_time
from shared.domain.events.machine_reactions import Suspicion, by_user_agent, too_fast

MESSAGE_TAG = "kervan_message"
"""The tag under which notify writes the id of the message."""
NOT_SPAM = "not-spam"


@dataclass(frozen=True, slots=True)
class Report:
    """One report about one message of ours.

    ``report_id`` is the same for the same report however often it comes, and differs for two clicks on one mail.
    ``delivered_to_provider`` tells that SES took the mail, so that a lost answer to our call is settled.
    ``withdraws``: the address must not be written to any more for this purpose ("all", "marketing"), else empty.
    """

    message_id: str
    report_id: str
    name: str
    time: datetime
    delivered_to_provider: bool
    properties: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    withdraws: str = ""
    origin: str = ""
    soft_bounce: bool = False
    """The address does not take mail for now: the box is full, the server does not answer."""
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    part: str
    name: str
    kept: tuple[str, ...] = ()
    taken: bool = True


_KINDS = {
    "Send": _Kind("send", "Email Sent"),
    "Delivery": _Kind("delivery", "Email Delivered", ("processingTimeMillis",)),
    "Bounce": _Kind("bounce", "Email Bounced", ("bounceType", "bounceSubType")),
    "Complaint": _Kind("complaint", "Email Marked as Spam", ("complaintFeedbackType", "complaintSubType")),
    "Open": _Kind("open", "Email Opened"),
    "Click": _Kind("click", "Email Link Clicked", ("link", "linkTags")),
    "Reject": _Kind("reject", "Email Rejected", ("reason",), taken=False),
    "Rendering Failure": _Kind("failure", "Email Rejected", ("templateName",), taken=False),
    "DeliveryDelay": _Kind("deliveryDelay", "Email Delayed", ("delayType",)),
    "Subscription": _Kind("subscription", event_names.UNSUBSCRIBED),
}
_KINDS["RenderingFailure"] = _KINDS["Rendering Failure"]


def read_report(detail: Any, received_at: datetime) -> Report | None:
    """The report in the ``detail`` of an EventBridge event; None if it is about no message of ours, or is no news."""
    mail = detail.get("mail") if isinstance(detail, dict) else None
    kind = _KINDS.get(str(detail.get("eventType"))) if isinstance(mail, dict) else None
    message_id = _tag(mail) if isinstance(mail, dict) else None
    if kind is None or message_id is None or not isinstance(mail, dict):
        return None
    said = detail.get(kind.part)
    about: dict[str, Any] = said if isinstance(said, dict) else {}
    if kind.part == "subscription" and not _opted_out(about):
        return None
    withdraws, origin = _withdrawal(kind.part, about)
    written = about.get("timestamp") or mail.get("timestamp")
    time = read_time(written)
    return Report(
        message_id=message_id,
        report_id=_report_id(kind, mail, about, str(written)),
        name=kind.name,
        time=received_at if time is None or time > received_at + FUTURE else time,
        delivered_to_provider=kind.taken,
        properties={name: about[name] for name in kind.kept if about.get(name) is not None}
        | _machine(kind, about, mail),
        context={
            kept: about[name]
            for name, kept in (("ipAddress", "ip"), ("userAgent", "userAgent"))
            if isinstance(about.get(name), str)
        },
        withdraws=withdraws,
        origin=origin,
        soft_bounce=kind.part == "bounce" and _is_soft(about),
        delivered=kind.part == "delivery",
    )


def _machine(kind: _Kind, about: dict[str, Any], mail: dict[str, Any]) -> dict[str, Suspicion]:
    """``machine``: why no person opened or clicked, as far as this report alone tells.

    ``mail.timestamp`` is when SES took the mail. What came too fast after the delivery is found where both are known.
    """
    if kind.part not in ("open", "click"):
        return {}
    found = by_user_agent(about.get("userAgent"))
    taken, done = read_time(mail.get("timestamp")), read_time(about.get("timestamp"))
    if found is None and taken is not None and done is not None and too_fast(done - taken):
        found = "too_fast"
    return {"machine": found} if found else {}


def _tag(mail: dict[str, Any]) -> str | None:
    tags = mail.get("tags")
    values = tags.get(MESSAGE_TAG) if isinstance(tags, dict) else None
    value = values[0] if isinstance(values, list) and values else None
    return value if isinstance(value, str) and value else None


def _withdrawal(part: str, about: dict[str, Any]) -> tuple[str, str]:
    if part == "bounce" and about.get("bounceType") == "Permanent":
        return "all", HARD_BOUNCE
    if part == "complaint" and about.get("complaintFeedbackType") != NOT_SPAM:
        return "all", "complaint"
    if part == "subscription":
        return "marketing", "ses_subscription"
    return "", ""


_OF_THE_MESSAGE = frozenset({"MessageTooLarge", "ContentRejected", "AttachmentRejected"})
"""Transient bounces that say nothing of the address."""


def _is_soft(bounce: dict[str, Any]) -> bool:
    if bounce.get("bounceSubType") in _OF_THE_MESSAGE:
        return False
    return bounce.get("bounceType") in {"Transient", "Undetermined"}


def _opted_out(about: dict[str, Any]) -> bool:
    wanted = about.get("newTopicPreferences")
    if not isinstance(wanted, dict):
        return False
    topics = wanted.get("topicSubscriptionStatus")
    return wanted.get("unsubscribeAll") is True or any(
        isinstance(topic, dict) and topic.get("subscriptionStatus") == "OptOut"
        for topic in (topics if isinstance(topics, list) else ())
    )


def _report_id(kind: _Kind, mail: dict[str, Any], about: dict[str, Any], written: str) -> str:
    parts = (kind.part, mail.get("messageId"), written, *(about.get(name) for name in _TELL_APART))
    raw = "\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass")
    return f"ses-{kind.part}-{hashlib.blake2b(raw, digest_size=16).hexdigest()}"


_TELL_APART = ("feedbackId", "link", "ipAddress", "userAgent")
