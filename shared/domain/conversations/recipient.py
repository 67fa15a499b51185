"""Whom an answer goes to: the identifier from which the customer wrote by this channel, else one of his."""

from __future__ import annotations

from collections.abc import Iterable

from shared.domain.conversations.conversation import Channel
from shared.domain.conversations.grouping import Group
from shared.domain.identity.identifiers import Identifier, IdentifierType

_TYPES: dict[Channel, IdentifierType] = {
    "email": IdentifierType.EMAIL,
    "sms": IdentifierType.PHONE,
    "whatsapp": IdentifierType.PHONE,
    "instagram": IdentifierType.EXTERNAL,
    "messenger": IdentifierType.EXTERNAL,
}


def recipient(group: Group, channel: Channel, identifiers: Iterable[Identifier]) -> str | None:
    """In plain form; None if this channel does not reach the customer. A chat reaches only who wrote there."""
    wrote = [one for one in group if channel in one.windows]
    if wrote:
        return max(wrote, key=lambda one: (one.windows[channel], one.id)).who
    for one in identifiers:
        if one.type is _TYPES.get(channel) and (
            one.type is not IdentifierType.EXTERNAL or one.value.startswith(f"{channel}/")
        ):
            return str(one)
    return None
