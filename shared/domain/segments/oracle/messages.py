"""Our messages and what was done with them, put together from the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.events.event import Event, EventType
from shared.domain.events.machine_reactions import by_user_agent, told, too_fast
from shared.domain.facts import values
from shared.domain.identity.keys import milliseconds

ARRIVALS = {
    "Email Sent": "email",
    "Email Delivered": "email",
    "SMS Sent": "sms",
    "SMS Delivered": "sms",
    "Push Sent": "push",
    "Push Notification Received": "push",
}
BOUNCES = ("Email Bounced", "Email Rejected", "SMS Delivery Failed")
OPENED, CLICKED, TAPPED = "opened", "clicked", "tapped"
TOUCHES = {
    "Email Opened": ("email", OPENED),
    "Email Link Clicked": ("email", CLICKED),
    "SMS Link Clicked": ("sms", CLICKED),
    "Push Notification Tapped": ("push", TAPPED),
    "Push Link Clicked": ("push", CLICKED),
}
MOST_CLICKS = 3
"""Of one message; of its opens and taps only the newest counts."""
_DAY = 86_400_000


@dataclass(frozen=True)
class Arrival:
    """``at``: the latest time at which the message was sent or delivered."""

    channel: str
    purpose: str
    message: str
    at: datetime


@dataclass(frozen=True)
class Touch:
    """``message`` names a message of the channel; where no event named it, all of a day (UTC) are one message."""

    channel: str
    purpose: str
    message: str
    what: str
    machine: bool
    at: datetime


@dataclass(frozen=True)
class Messages:
    arrived: list[Arrival]
    """Without what bounced."""
    touches: list[Touch]


def by_program(event: Event) -> bool:
    """Whether the report of an open or a click itself shows that a program did it."""
    if TOUCHES.get(event.name, ("", ""))[1] not in (OPENED, CLICKED):
        return False
    return bool(told(event.properties) or by_user_agent(event.context.get("userAgent")))


def messages_of(events: Sequence[Event]) -> Messages:
    """``events`` in the order of time."""
    tracked = [one for one in events if one.type is EventType.TRACK]
    arrivals: dict[tuple[str, str, str], Arrival] = {}
    for one in tracked:
        if one.name in ARRIVALS:
            place = (ARRIVALS[one.name], _purpose(one), _named(one) or one.id)
            arrivals[place] = Arrival(*place, one.time)  # the latest stays
    bounced = {_named(one) for one in tracked if one.name in BOUNCES and _for_good(one)}
    return Messages(
        [one for one in arrivals.values() if one.message not in bounced],
        _touches(tracked, list(arrivals.values())),
    )


def _touches(tracked: Sequence[Event], arrivals: Sequence[Arrival]) -> list[Touch]:
    kept: dict[tuple[str, str, str, str, bool], list[datetime]] = {}
    for one in tracked:
        if one.name in TOUCHES:
            channel, what = TOUCHES[one.name]
            message = _named(one) or f"@{milliseconds(one.time) // _DAY}"
            kept.setdefault((channel, _purpose(one), message, what, by_program(one)), []).append(one.time)
    found = set()
    for (channel, purpose, message, what, machine), times in kept.items():
        newest = sorted(set(times))[-(MOST_CLICKS if what == CLICKED else 1) :]
        known = max(((one.at, one.purpose) for one in arrivals if one.message == message), default=None)
        for at in newest:
            hasty = known is not None and what != TAPPED and too_fast(at - known[0])
            whose = purpose or (known[1] if known else "")
            found.add(Touch(channel, whose, message, what, machine or hasty, at))
    return list(found)


def _named(event: Event) -> str:
    """The message that an event names; its copy in push data is called ``kervan_message``."""
    said = event.properties
    return values.text(said.get("message_id"), 200) or values.text(said.get("kervan_message"), 200)


def _purpose(event: Event) -> str:
    said = event.properties.get("purpose")
    return said if said in ("marketing", "transactional") else ""


def _for_good(event: Event) -> bool:
    return event.properties.get("bounceType") in (None, "Permanent")
