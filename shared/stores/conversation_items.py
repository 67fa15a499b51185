"""Conversations and their messages as items: keys and marks as attributes, everything else as one JSON text.

| pk | sk | item |
|---|---|---|
| `conversation#<id>` | `conversation` | a conversation; the first of a group is in the indexes |
| `conversation#<id>` | `m#<place>` | one of its messages |
| `message#<id>` | `message` | where a message is: it is taken once |
| `conversation#<id>` | `looking#<digest>` | an agent who looks at it now (`lookers.py`) |
| `home#<key>` | `newest` | the newest conversations of an identifier |
| `home#<key>` | `c#<opened>#<id>` | every conversation of an identifier |
| `home#<key>` | `asked` | when a customer was asked last how it was |
| `chat#<whose>` | `<seconds>#<which>` | a counter of chats (`chat_limits.py`) |
| `sweep` | `pool` | how far the pool was put right (`functions/support/mend_pool.py`) |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from shared.domain.conversations.cases import CaseSpan
from shared.domain.conversations.conversation import Conversation, State
from shared.domain.conversations.message import Attachment, Message
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.ports import Write

SK, MARK, NEWEST = "conversation", "message", "newest"
MESSAGE, MESSAGES_END, LISTED = "m#", "m$", "c#"
POOL, DESK, DUE = "pool", "desk", "due"
NOBODY, SPAM = "-", "spam"
ASKED = "asked"
"""When a customer was asked last how a conversation was."""
SHOWN = "shown"
"""In the index of the pool, live conversations that are shown with another."""
_TIMES = frozenset(
    {
        "opened_at", "first_inbound_at", "last_inbound_at", "first_answer_at", "last_answer_at", "waiting_since",
        "snoozed_until", "closed_at", "due_at", "warn_at", "warned_at", "late_at",
        "asked_at", "rated_at", "reopened_at",
    }
)  # fmt: skip


def pk_of(conversation: str) -> str:
    return f"conversation#{conversation}"


def home_pk(home: str) -> str:
    return f"home#{home}"


def mark_pk(message: str) -> str:
    return f"message#{message}"


def place_sk(place: int) -> str:
    return f"{MESSAGE}{place:09d}"


def desk_of(agent: str) -> str:
    """The desk of an agent in the index; the name is no part of the key."""
    return f"agent#{hashlib.blake2b(agent.encode(), digest_size=12).hexdigest()}" if agent else NOBODY


def conversation_write(one: Conversation) -> Write:
    """The next version of a conversation, on condition of the one that was read (0: there is none)."""
    item: dict[str, Any] = {
        "pk": pk_of(one.id),
        "sk": SK,
        "version": one.version + 1,
        "data": _text(_conversation_data(one)),
    }
    if not one.shown_with or one.spam:
        at = f"{time_text(_pool_time(one))}#{one.id}"
        item |= {"pool": SPAM if one.spam else one.state.value, "pool_at": at}
        if one.live:
            item["desk"] = desk_of(one.assignee)
        if one.due_at is not None:
            item |= {"due": DUE, "due_at": f"{time_text(one.due_at)}#{one.id}"}
    elif one.live:  # in no list of agents: found again if the link is released that it is hidden by
        item |= {"pool": SHOWN, "pool_at": f"{time_text(_pool_time(one))}#{one.id}"}
    return Write(item, {"pk": None} if one.version == 0 else {"version": one.version})


def read_conversation(item: Mapping[str, Any], version: int | None = None) -> Conversation:
    """``version``: for an item of an index, which does not hold it."""
    data = json.loads(item["data"])
    values: dict[str, Any] = {
        name: moment(value) if name in _TIMES and value is not None else value for name, value in data.items()
    }
    values["state"] = State(values["state"])
    values["tags"] = tuple(values.get("tags", ()))
    values["thread"] = tuple(values.get("thread", ()))
    values["windows"] = {channel: moment(ms) for channel, ms in values.get("windows", {}).items()}
    values["cases"] = tuple(
        CaseSpan(kind, moment(since), None if until is None else moment(until))
        for kind, since, until in values.get("cases", ())
    )
    return Conversation(**values, version=int(item["version"]) if version is None else version)


def message_writes(message: Message) -> tuple[Write, Write]:
    """The message and its mark: a message that is taken already makes the transaction fail."""
    plain = {
        name: value for name, value in _plain(message).items() if name not in _KEYS and value not in ("", False, None)
    }
    data: dict[str, Any] = {**plain, "at": milliseconds(message.at), "text": message.text}
    if message.verified is not None:  # that it is not vouched for is a word of its own
        data["verified"] = message.verified
    for name in ("attachments", "references", "template", "beside"):
        data.pop(name, None)
    if message.template:
        data["template"] = list(message.template)
    if message.attachments:
        data["attachments"] = [[one.name, one.type, one.size, one.place, one.refused] for one in message.attachments]
    if message.references:
        data["references"] = list(message.references)
    if message.beside:
        data["beside"] = list(message.beside)
    item = {"pk": pk_of(message.conversation), "sk": place_sk(message.place), "id": message.id, "data": _text(data)}
    mark = {
        "pk": mark_pk(message.id),
        "sk": MARK,
        "conversation": message.conversation,
        "place": message.place,
    }
    return Write(item, {"pk": None}), Write(mark, {"pk": None})


def read_message(item: Mapping[str, Any]) -> Message:
    data = json.loads(item["data"])
    data["at"] = moment(data["at"])
    data["attachments"] = tuple(Attachment(*one) for one in data.get("attachments", ()))
    data["references"] = tuple(data.get("references", ()))
    data["template"] = tuple(data.get("template", ()))
    data["beside"] = tuple(data.get("beside", ()))
    conversation = item["pk"].partition("#")[2]
    return Message(id=item["id"], conversation=conversation, place=int(item["sk"].removeprefix(MESSAGE)), **data)


_KEYS = frozenset({"id", "conversation", "place"})


def _conversation_data(one: Conversation) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in _plain(one).items():
        if name == "version" or value in ("", False, None, (), {}):
            continue
        data[name] = milliseconds(value) if isinstance(value, datetime) else value
    if one.windows:
        data["windows"] = {channel: milliseconds(at) for channel, at in one.windows.items()}
    if one.cases:
        data["cases"] = [
            [span.kind, milliseconds(span.since), None if span.until is None else milliseconds(span.until)]
            for span in one.cases
        ]
    return data


def _plain(one: Conversation | Message) -> dict[str, Any]:
    return asdict(one)


def _pool_time(one: Conversation) -> datetime:
    """Who has waited longest comes first; of others, what happened last."""
    match one.state:
        case State.OPEN:
            return one.waiting_since or one.opened_at
        case State.SNOOZED:
            return one.snoozed_until or one.opened_at
        case State.WAITING:
            return one.last_answer_at or one.opened_at
        case State.CLOSED:
            return one.closed_at or one.opened_at


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
