"""What an event says about one of our messages: that it arrived, or what was done with it."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.events.event import Event, EventType
from shared.domain.events.machine_reactions import Suspicion, by_user_agent, told
from shared.domain.facts import values
from shared.domain.facts.newest import Stamp
from shared.domain.facts.touches import (
    BOUNCED,
    CLICKED,
    MACHINE,
    OPENED,
    TAPPED,
    VISITED,
    EngagementFacts,
    messages,
)
from shared.domain.identity.keys import event_id

BY_MACHINE = " by machine"
"""After the name of an event that a program caused: it is counted apart."""

_ARRIVED: Mapping[str, str] = {
    "Email Sent": "email",
    "Email Delivered": "email",
    "SMS Sent": "sms",
    "SMS Delivered": "sms",
    "Push Sent": "push",
    "Push Notification Received": "push",
}
_DONE: Mapping[str, tuple[str, str]] = {
    "Email Opened": ("email", OPENED),
    "Email Link Clicked": ("email", CLICKED),
    "Email Bounced": ("email", BOUNCED),
    "Email Rejected": ("email", BOUNCED),
    "SMS Link Clicked": ("sms", CLICKED),
    "SMS Delivery Failed": ("sms", BOUNCED),
    "Push Notification Tapped": ("push", TAPPED),
    "Push Link Clicked": ("push", CLICKED),
}
_PURPOSES = frozenset({"marketing", "transactional"})
_MEDIA: Mapping[str, str] = {"email": "email", "e-mail": "email", "sms": "sms", "push": "push"}
"""``utm_medium`` of a link in one of our messages."""
_DAY = 86_400_000


def by_machine(event: Event) -> Suspicion | None:
    """Why an open or a click counts as a program's; None for a person's, and for all other events."""
    if _DONE.get(event.name, ("", ""))[1] not in (OPENED, CLICKED):
        return None
    return told(event.properties) or by_user_agent(event.context.get("userAgent"))


def feature_name(event: Event) -> str:
    """The name under which an event is remembered: what programs did is apart from what people did."""
    return event.name + BY_MACHINE if by_machine(event) else event.name


def engagement_of(event: Event, stamp: Stamp) -> EngagementFacts | None:
    """What this event says about one of our messages; None if it is about none."""
    if event.type is EventType.TRACK and event.name in _ARRIVED:
        arrived = messages()
        arrived.put(_message(event, stamp), (stamp[0], "", None))
        return EngagementFacts(received={(_ARRIVED[event.name], _purpose(event)): arrived})
    if event.type is EventType.TRACK and event.name in _DONE:
        channel, what = _DONE[event.name]
        if what == BOUNCED and event.properties.get("bounceType") not in (None, "Permanent"):
            return None  # SES calls an automatic answer a transient bounce too: the mail may have arrived
        what = MACHINE + what if by_machine(event) else what
        return EngagementFacts(touches={(channel, _purpose(event), what): ((stamp[0], _message(event, stamp)),)})
    return _visit(event, stamp)


def _visit(event: Event, stamp: Stamp) -> EngagementFacts | None:
    """Who comes by a link whose campaign names one of our channels; one visit per channel and day (UTC)."""
    campaign = event.context.get("campaign")
    medium = values.text(campaign.get("medium"), 20).lower() if isinstance(campaign, Mapping) else ""
    channel = _MEDIA.get(medium)
    if channel is None or event.channel in _MEDIA or by_user_agent(event.context.get("userAgent")):
        return None
    return EngagementFacts(touches={(channel, "", VISITED): ((stamp[0], _day(stamp)),)})


def _message(event: Event, stamp: Stamp) -> str:
    """Eight bytes of the message's id (in push data it is called ``kervan_message``); without one a touch counts once a
    day, an arrival by itself."""
    said = event.properties
    name = values.text(said.get("message_id"), 200) or values.text(said.get("kervan_message"), 200)
    if name:
        return event_id(name, trusted=True)
    return stamp[1] if event.name in _ARRIVED else _day(stamp)


def _day(stamp: Stamp) -> str:
    return f"@{stamp[0] // _DAY}"


def _purpose(event: Event) -> str:
    said = event.properties.get("purpose")
    return said if isinstance(said, str) and said in _PURPOSES else ""
