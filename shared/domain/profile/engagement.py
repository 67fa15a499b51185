"""What somebody does with our messages: which arrived, what was opened, clicked, tapped; people and machines apart.

Facts remember the newest messages and touches only, so every count says whether it is exact or "at least".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from shared.domain.messages.request import Channel

What = Literal["opened", "clicked", "tapped", "visited"]
WINDOW = timedelta(days=180)
"""How far back engagement is counted (docs/definitions.md#the-preferred-channel)."""
ANSWERED_WITHIN = timedelta(days=3)
"""A visit or tap that names no message answers the newest one on its channel, if that is not older than this."""


class Received(Struct, frozen=True):
    """A message that reached the person. ``purpose`` is empty where no event said it; ``id`` is 8 bytes of its id."""

    channel: Channel
    purpose: str
    id: str
    at: datetime


class Reaction(Struct, frozen=True):
    """One thing done with a message. ``message`` is the ``Received.id``, empty where the event names none.

    ``machine``: a program did it (``shared.domain.events.machine_reactions``).
    """

    channel: Channel
    purpose: str
    what: What
    machine: bool
    message: str
    at: datetime


class Engagement(Struct, frozen=True):
    """Newest first, each.

    ``forgotten``: per channel, and per channel and kind of reaction (``email``, ``email opened``), the time up to which
    some may have been forgotten; after it nothing is missing.
    """

    received: tuple[Received, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    forgotten: Mapping[str, datetime] = field(default_factory=dict)

    def human(self, channel: Channel, what: What) -> tuple[Reaction, ...]:
        return tuple(one for one in self.reactions if one.channel == channel and one.what == what and not one.machine)

    def complete(self, name: str, since: datetime) -> bool:
        """Whether everything after ``since`` is remembered."""
        forgotten = self.forgotten.get(name)
        return forgotten is None or forgotten <= since


class ChannelEngagement(Struct, frozen=True):
    """One channel in a window. Numbers are of messages, ``visited`` is of days.

    ``answered``: of those received, how many got a human reaction, whenever it came. ``at_least``: some of it may have
    been forgotten, the true numbers are these or larger.
    """

    channel: Channel
    received: int
    answered: int
    opened: int
    clicked: int
    tapped: int
    visited: int
    machine_opened: int
    machine_clicked: int
    last_reaction_at: datetime | None
    at_least: bool

    @property
    def rate(self) -> float | None:
        """Answered messages of those received, in thousandths; None if nothing was received."""
        return round(self.answered / self.received, 3) if self.received else None


def channel_engagement(
    engagement: Engagement, channel: Channel, now: datetime, window: timedelta = WINDOW
) -> ChannelEngagement:
    """What came of one channel's messages in the window that ends now (half-open; docs/definitions.md#windows)."""
    since = now - window
    here = [one for one in engagement.reactions if one.channel == channel and one.at <= now]
    recent = [one for one in here if one.at > since]
    received = [one for one in engagement.received if one.channel == channel and since < one.at <= now]
    answered = {answers(engagement, one) for one in here if not one.machine}
    names = (channel, *(f"{channel} {what}" for what in ("opened", "clicked", "tapped", "visited")))
    return ChannelEngagement(
        channel=channel,
        received=len({one.id for one in received}),
        answered=len({one.id for one in received} & answered),
        opened=_messages(recent, "opened"),
        clicked=_messages(recent, "clicked"),
        tapped=_messages(recent, "tapped"),
        visited=_messages(recent, "visited"),
        machine_opened=_messages(recent, "opened", machine=True),
        machine_clicked=_messages(recent, "clicked", machine=True),
        last_reaction_at=max((one.at for one in recent if not one.machine), default=None),
        at_least=not all(engagement.complete(name, since) for name in names),
    )


def answers(engagement: Engagement, reaction: Reaction) -> str:
    """The id of the message that a reaction is to; empty if none is known."""
    if reaction.message:
        return reaction.message
    before = (
        one
        for one in engagement.received
        if one.channel == reaction.channel and one.at <= reaction.at < one.at + ANSWERED_WITHIN
    )
    newest = max(before, key=lambda one: (one.at, one.id), default=None)
    return newest.id if newest else ""


def _messages(reactions: Iterable[Reaction], what: What, *, machine: bool = False) -> int:
    """Different messages; what names none counts once a day (UTC)."""
    return len(
        {one.message or one.at.date().isoformat() for one in reactions if one.what == what and one.machine == machine}
    )
