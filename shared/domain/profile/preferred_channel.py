"""The channel that somebody prefers: said, else learned, else unknown; with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from shared.domain.messages.request import CHANNELS, Channel
from shared.domain.profile.engagement import ChannelEngagement, channel_engagement
from shared.domain.profile.profile import Profile

TRAIT = "preferred_channel"
ENOUGH = 3
"""Messages received on a channel in 180d before anything is learned from it; two such channels are compared."""
_SAID: Mapping[str, Channel] = {
    "email": "email", "e-mail": "email", "mail": "email", "e-posta": "email", "eposta": "email",
    "sms": "sms", "push": "push",
}  # fmt: skip

_NEVER = datetime.min.replace(tzinfo=UTC)

By = Literal["said", "learned", "too_little", "no_reaction"]
"""``too_little``: not two channels with enough messages; ``no_reaction``: there are, and nobody reacted on any."""


class PreferredChannel(Struct, frozen=True):
    """``said_at`` if the customer said it; ``channels`` are all channels with a message in the window."""

    channel: Channel | None
    by: By
    said_at: datetime | None = None
    channels: tuple[ChannelEngagement, ...] = ()


def preferred_channel(profile: Profile, now: datetime) -> PreferredChannel:
    """What the customer said, else the channel with the best human reaction rate.

    Learned only if at least ENOUGH messages arrived on each of two channels in 180d; equal rates are told apart by the
    more recent reaction. Where nobody reacted, nothing is learned.
    """
    said = profile.traits.get(TRAIT)
    channel = _read(said.value) if said else None
    if said is not None and channel is not None:
        return PreferredChannel(channel, "said", said.at)
    counted = tuple(channel_engagement(profile.engagement, one, now) for one in CHANNELS)
    received = tuple(one for one in counted if one.received)
    enough = [one for one in received if one.received >= ENOUGH]
    if len(enough) < 2:
        return PreferredChannel(None, "too_little", channels=received)
    best = max(enough, key=_rank)
    if not best.answered:
        return PreferredChannel(None, "no_reaction", channels=received)
    return PreferredChannel(best.channel, "learned", channels=received)


def _read(said: Any) -> Channel | None:
    return _SAID.get(said.strip().casefold()) if isinstance(said, str) else None


def _rank(one: ChannelEngagement) -> tuple[float, datetime]:
    """Floats tell rates of so few messages apart, and equal ones are equal."""
    return one.answered / one.received, one.last_reaction_at or _NEVER
