"""Conversations as agents see and change them (docs/conversations.md): JSON that the API answers and pages show."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shared.domain.conversations.answer import Draft, SeenUnreadable, free_text_until, seen_mark
from shared.domain.conversations.conversation import Channel, Conversation, NotAllowed
from shared.domain.conversations.grouping import Group
from shared.domain.conversations.message import Direction, Message
from shared.domain.conversations.sent_files import SentFile, files_refused
from shared.domain.identity.keys import time_text
from shared.http.answers import Answer, Problem, answer, malformed, not_found
from shared.operators.agent_actions import (
    AgentActions,
    Busy,
    NewerMessages,
    NotReachable,
    Shown,
    UnknownConversation,
)
from shared.operators.kept_files import kept_files
from shared.ports import Clock
from shared.ports.objects import Objects
from shared.stores.conversation_items import DESK, DUE, POOL, desk_of, read_conversation
from shared.stores.conversations import Conversations

T = TypeVar("T")
UNREACHABLE = {
    "no_address": "the customer has no address for this channel; choose another one",
    "not_connected": "this deployment does not send by this channel; choose another one",
    "too_long": "the channel takes no text of this length; make it shorter, or write an e-mail",
    "no_files": "this channel carries no files; choose e-mail, WhatsApp, Instagram or Messenger",
    "files_too_large": "the files of an answer hold 4 MB at most; send a smaller one",
    "file_type": "the channel does not take this kind of file; PNG and JPEG go everywhere, PDF not on Instagram",
    "too_many_files": "e-mail takes five files, the other channels one in each answer",
    "caption_too_long": "beside a file WhatsApp takes 1,024 characters; send the text in an answer of its own",
    "file_alone": "Instagram and Messenger take a file without a text; send the text in an answer of its own",
    "window_closed": "the customer wrote there more than 24 hours ago; send a template, or choose another channel",
}
_TIMES = (
    "opened_at", "first_inbound_at", "last_inbound_at", "first_answer_at", "last_answer_at", "waiting_since",
    "snoozed_until", "closed_at", "due_at", "warned_at", "late_at", "asked_at", "rated_at",
)  # fmt: skip


class Environment(Protocol):
    """What conversations are read from and changed with."""

    @property
    def clock(self) -> Clock: ...

    @property
    def conversations(self) -> Conversations: ...

    @property
    def agents(self) -> AgentActions: ...

    @property
    def files(self) -> Callable[[], Objects]:
        """The bucket of files; made with the first."""
        ...


class NewerThanSeen(Problem):
    """409 with what came since; nothing was sent."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__(409, "newer_messages", "something came since you looked; read it, then answer again")
        self._messages = messages

    @property
    def ids(self) -> tuple[str, ...]:
        """Of what came since."""
        return tuple(message.id for message in self._messages)

    def answer(self) -> Answer:
        came = [message_json(message) for message in self._messages]
        return answer({"error": self.code, "message": self.message, "newer": came}, self.status, self.headers)


def due(environment: Environment, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of those that were promised an answer: who is due first comes first, late ones before."""
    page = environment.conversations.page(DUE, DUE, limit=limit, newest_first=False, cursor=cursor)
    return {"items": [row_json(read_conversation(item)) for item in page.items], "cursor": page.cursor}


def pool(environment: Environment, state: str, agent: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the pool: who has waited longest first, of closed ones the newest first. ``agent``: what lies on this
    agent's desk, or on nobody's if it is empty; in all states but closed."""
    index, key = (POOL, state) if agent is None else (DESK, desk_of(agent))
    newest_first = index == POOL and state == "closed"
    page = environment.conversations.page(index, key, limit=limit, newest_first=newest_first, cursor=cursor)
    return {"items": [row_json(read_conversation(item)) for item in page.items], "cursor": page.cursor}


def show(environment: Environment, id_: str) -> dict[str, Any]:
    """One conversation with its messages and notes, the oldest first."""
    shown = _known(lambda: environment.agents.show(id_))
    messages = [message for one in shown.group for message in environment.conversations.messages(one.id)]
    messages.sort(key=lambda message: (message.at, message.conversation, message.place))
    return {**_shown_json(environment, shown), "messages": [message_json(message) for message in messages]}


def write(
    environment: Environment,
    id_: str,
    *,
    direction: Direction,
    channel: Channel,
    text: str,
    agent: str,
    seen: str | None,
    key: str = "",
    subject: str = "",
    template: tuple[str, ...] = (),
    files: Sequence[SentFile] = (),
) -> dict[str, Any]:
    """An answer or a note. ``template``: the approved one of WhatsApp with these words."""
    named = key or secrets.token_hex(12)
    draft = Draft(id_, named, direction, channel, text, agent, subject=subject, template=template)
    refused = files_refused(channel, text, files)
    if refused:
        raise Problem(409, refused, UNREACHABLE[refused])
    if not files:
        return message_json(_known(lambda: environment.agents.write(draft, seen, environment.clock.now())))
    with kept_files(environment, draft, files) as placed:
        return message_json(_known(lambda: environment.agents.write(placed, seen, environment.clock.now())))


def change(
    environment: Environment, id_: str, change_: Callable[[Conversation], Conversation], *, whole: bool = True
) -> dict[str, Any]:
    """A change of state, of who works on it, or of what it is about."""
    now = environment.clock.now()
    _known(lambda: environment.agents.change(id_, change_, now, whole=whole))
    return _shown_json(environment, _known(lambda: environment.agents.show(id_)))


def row_json(one: Conversation) -> dict[str, Any]:
    """A conversation without its messages."""
    return {
        "id": one.id,
        "state": "spam" if one.spam else one.state.value,
        "kind": one.kind,
        "priority": one.priority,
        "channel": one.channel,
        "customer": one.who,
        "subject": one.subject,
        "assignee": one.assignee or None,
        "team": one.team or None,
        "tags": list(one.tags),
        "order_id": one.order_id or None,
        "messages_count": one.messages,
        "reopened": one.reopened,
        "failed": one.failed,
        "apart": one.apart,
        "rating": one.rating or None,
        **{name: _text(getattr(one, name)) for name in _TIMES},
    }


def message_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation": message.conversation,
        "at": time_text(message.at),
        "direction": message.direction,
        "channel": message.channel,
        "author": message.author or None,
        "to": message.to or None,
        "subject": message.subject,
        "text": message.text,
        "cut": message.cut,
        "automatic": message.automatic,
        "verified": message.verified,
        "delivery": message.delivery or None,
        "reason": message.reason or None,
        "quoted": message.quoted,
        "related": message.related or None,
        "attachments": [
            {
                "name": one.name,
                "type": one.type,
                "size": one.size,
                "refused": one.refused or None,
                "number": number if one.place else None,
            }
            for number, one in enumerate(message.attachments, start=1)
        ],
    }


def _shown_json(environment: Environment, shown: Shown) -> dict[str, Any]:
    group = shown.group
    return {
        **row_json(group[0]),
        "messages_count": sum(one.messages for one in group),
        "members": [{"id": one.id, "customer": one.who, "messages_count": one.messages} for one in group],
        "root": shown.tree.root,
        "seen": seen_mark(group),
        "channels": _channels(environment, group, shown),
    }


def _channels(environment: Environment, group: Group, shown: Shown) -> list[dict[str, Any]]:
    """By which channels an answer would reach the customer now."""
    now = environment.clock.now()
    canned = environment.agents.levels.rules().canned_answers.values()
    templates = any(one.whatsapp is not None for one in canned)
    found = []
    for channel in environment.agents.channels():
        to = shown.reached_by(channel)
        until = free_text_until(group, channel)
        limited = environment.agents.limited(channel)
        free = not limited or (until is not None and until > now)
        if to is not None and (free or (channel == "whatsapp" and templates)):
            left = max(0, int((until - now).total_seconds())) if limited and until is not None else None
            said: dict[str, Any] = {"free_text_until": _text(until) if limited else None, "templates_only": not free}
            said["free_text_seconds_left"] = left
            found.append({"channel": channel, "to": to, **said})
    return found


def _known(ask: Callable[[], T]) -> T:
    """Turns what actions refuse into answers."""
    try:
        return ask()
    except UnknownConversation as unknown:
        raise not_found("there is no such conversation; GET /v1/conversations lists them") from unknown
    except NewerMessages as newer:
        raise NewerThanSeen(newer.messages) from newer
    except SeenUnreadable as broken:
        raise malformed("seen must be the mark that the conversation was shown with") from broken
    except NotReachable as unreachable:
        raise Problem(409, unreachable.code, UNREACHABLE[unreachable.code]) from unreachable
    except NotAllowed as refused:
        raise Problem(409, "not_allowed", str(refused)) from refused
    except Busy as busy:
        raise Problem(
            503, "unavailable", "others write the same conversation; send it again", {"retry-after": "1"}
        ) from busy


def _text(when: datetime | None) -> str | None:
    return None if when is None else time_text(when)
