"""Collision safety: an answer names what its agent has seen; if something newer came, it is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.conversations.conversation import Channel, Conversation, answered, digest, reopened
from shared.domain.conversations.grouping import Group
from shared.domain.conversations.message import TEXT_LENGTH, Attachment, Delivery, Direction, Message

_SEEN = re.compile(r"[a-z2-7]{13}:[0-9]{1,9}(\+[a-z2-7]{13}:[0-9]{1,9}){0,63}")
WINDOW = timedelta(hours=24)
FREE_TEXT_WINDOW: frozenset[Channel] = frozenset({"whatsapp", "instagram", "messenger"})
"""Channels of Meta: free text is taken for 24 hours after the customer's last message there."""

LONGEST: Mapping[Channel, int] = {"whatsapp": 4_096, "messenger": 2_000, "instagram": 1_000}
"""Characters that a channel takes in one message; on Instagram bytes."""
PUSH_BYTES = 2_000
"""Of a push message, in JSON that escapes every letter beyond ASCII: with a title it fits into any payload uncut."""

KEPT_IS_SENT: frozenset[Channel] = frozenset({"chat", "store"})


class SeenUnreadable(ValueError):
    """What is said to be seen is no mark of ours."""


class Draft(Struct, frozen=True):
    """What an agent wants to say. ``asked``: the conversation as the agent named it. ``key`` names the request: the
    same key is the same answer."""

    asked: str
    key: str
    direction: Direction
    channel: Channel
    text: str
    author: str
    to: str = ""
    subject: str = ""
    template: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Newer:
    """Refused: something came. ``after``: by conversation the place of the last message that was seen."""

    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """``changed``: every conversation of the group that is written with it, each in its next version."""

    message: Message
    changed: Group


def too_long(channel: Channel, text: str) -> bool:
    """Whether the channel would refuse the text for its length, or cut it."""
    if channel == "push":
        return len(json.dumps(text)) > PUSH_BYTES
    return len(text.encode() if channel == "instagram" else text) > LONGEST.get(channel, TEXT_LENGTH)


def seen_mark(group: Group) -> str:
    """What somebody has seen who was shown this group."""
    return "+".join(f"{one.id}:{one.messages}" for one in sorted(group, key=lambda one: one.id))


def read_seen(mark: str) -> Mapping[str, int]:
    """By conversation how many messages were seen. Raises SeenUnreadable."""
    if not _SEEN.fullmatch(mark):
        raise SeenUnreadable("seen must be the mark that the conversation was shown with")
    return {id_: int(count) for id_, _, count in (part.partition(":") for part in mark.split("+"))}


def answer(draft: Draft, group: Group, seen: Mapping[str, int], now: datetime) -> Answered | Newer:
    """Take an answer or a note.

    A group that lost a member since, because a link was released, is not what the agent saw: the answer might tell one
    person about another.
    """
    unseen = {one.id: seen.get(one.id, 0) for one in group if one.messages > seen.get(one.id, 0)}
    if unseen or seen.keys() - {one.id for one in group}:
        return Newer({one.id: seen.get(one.id, 0) for one in group})
    return write(draft, group, now)


def write(draft: Draft, group: Group, now: datetime) -> Answered:
    """Keep an answer or a note with the conversation that it belongs to. A note changes no state."""
    target = _target(draft, group)
    message = Message(
        id=message_id(draft.asked, draft.key),
        conversation=target.id,
        place=target.messages + 1,
        at=now,
        direction=draft.direction,
        channel=draft.channel,
        text=draft.text,
        author=draft.author,
        subject=draft.subject or _answered_subject(target) if draft.channel == "email" else "",
        references=target.thread if draft.channel == "email" else (),
        to=draft.to,
        attachments=draft.attachments,
        delivery=_delivery(draft),
        template=draft.template if draft.channel == "whatsapp" else (),
        beside=tuple(one.id for one in group if one.home != target.home) if draft.direction == "out" else (),
    )
    changed = []
    for one in group:
        following = one
        if draft.direction == "out" and (one.live or one is group[0]):
            following = answered(reopened(one, now), now, draft.author)
        if one is target:
            following = replace(following, messages=target.messages + 1)
        # The first of a group is always written: two answers that are given at once meet there.
        if following is not one or one is group[0]:
            changed.append(replace(following, shown_with="" if one is group[0] else group[0].id))
    return Answered(message, tuple(changed))


def by_itself(
    target: Conversation, id_: str, channel: Channel, text: str, to: str, now: datetime, *, subject: str
) -> tuple[Message, Conversation]:
    """What the shop says without an agent: it changes no state, and nobody counts it as an answer. ``subject``: of a
    mail; what somebody sent us never stands in it."""
    mail = channel == "email"
    message = Message(
        id=id_,
        conversation=target.id,
        place=target.messages + 1,
        at=now,
        direction="out",
        channel=channel,
        text=text,
        subject=subject if mail else "",
        references=target.thread if mail else (),
        to=to,
        delivery="sent" if channel in KEPT_IS_SENT else "pending",
        automatic=True,
    )
    return message, replace(target, messages=target.messages + 1)


def _answered_subject(target: Conversation) -> str:
    subject = target.subject
    return subject if not subject or subject[:3].lower() == "re:" else f"Re: {subject}"


def _delivery(draft: Draft) -> Delivery:
    """What is said in the chat of the shop's page is sent by being kept: the page fetches it."""
    if draft.direction == "note":
        return ""
    return "sent" if draft.channel in KEPT_IS_SENT else "pending"


def message_id(conversation: str, key: str) -> str:
    """The id of an answer or a note: the same request makes the same one."""
    return digest("written", conversation, key)


def free_text_until(group: Group, channel: Channel) -> datetime | None:
    """Until when free text is taken on a channel of Meta; None if the customer never wrote there."""
    wrote = [one.windows[channel] for one in group if channel in one.windows]
    return max(wrote) + WINDOW if wrote else None


def _target(draft: Draft, group: Group) -> Conversation:
    """An answer lies with the conversation of whom it is sent to; else with the first."""
    return next((one for one in group if draft.to and one.who == draft.to), group[0])
