"""When commercial e-mail stops by itself: before SES reviews an account at 5% bounces or 0.1% complaints."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from shared.domain.messages.evidence import item
from shared.domain.messages.message import Deferred, Reason
from shared.domain.messages.request import SendRequest

ASKS_AGAIN = timedelta(hours=1)
"""How long a message waits before it asks whether marketing goes on."""
WINDOW = timedelta(days=7)
MOST_BOUNCED = 400
MOST_COMPLAINED = 8
"""Of ten thousand messages: 4% and 0.08%, below the limits of SES's review."""
AT_LEAST = 1_000
"""Messages in the window below which no rate is believed."""
FEWEST_COMPLAINTS = 2
"""A single complaint stops nothing, however few messages there were."""
PER = 10_000
"""Limits are written as so many of this number of messages."""


class Feedback(Struct, frozen=True):
    """What was reported in a time: messages that SES took, hard bounces, complaints."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0

    def __add__(self, other: Feedback) -> Feedback:
        return Feedback(self.sent + other.sent, self.bounced + other.bounced, self.complained + other.complained)


class Suspension(Struct, frozen=True):
    """Commercial messages of a channel wait since ``at``, until an operator says that they go on. ``because``:
    ``bounces`` or ``complaints``; ``found``: the counts that made it true."""

    at: datetime
    because: str
    found: Feedback


def limit_reached(found: Feedback) -> str:
    """Which rate reached its limit: ``complaints``, ``bounces``, or "" if none did or too few messages were sent."""
    if found.sent < AT_LEAST:
        return ""
    if found.complained >= FEWEST_COMPLAINTS and found.complained * PER >= MOST_COMPLAINED * found.sent:
        return "complaints"
    return "bounces" if found.bounced * PER >= MOST_BOUNCED * found.sent else ""


def waits(suspension: Suspension | None, request: SendRequest, now: datetime) -> Deferred | None:
    """What a commercial message is told while its channel is suspended, with the counts as evidence."""
    if suspension is None or not request.commercial:
        return None
    found = suspension.found
    counts = {"sent": str(found.sent), "bounced": str(found.bounced), "complained": str(found.complained)}
    why = item("reputation", request.channel, suspension.at, because=suspension.because, **counts)
    return Deferred(now + ASKS_AGAIN, Reason.REPUTATION, suspension.because, (why,))
