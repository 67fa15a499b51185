"""The webhook ``conversation.due``: the shop's own system is told that an answer is due soon, or late.

It names the conversation and nothing of the customer: an alert goes to many, and through other systems.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from shared.domain.conversations.conversation import CHANNELS, PRIORITIES, Conversation, State, digest
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.webhooks.standard_webhook import Told, UnreadableTask

TYPE = "conversation.due"
MARKS = ("warned", "late")


def mark_of(one: Conversation) -> str:
    """The newest mark of the wait: ``warned`` or ``late``; "" if there is none, or nobody waits any more."""
    if one.state is not State.OPEN or one.waiting_since is None or one.due_at is None:
        return ""
    return "late" if one.late_at is not None else "warned" if one.warned_at is not None else ""


def task_of(one: Conversation) -> str:
    """The text of a queue message for the newest mark. Only for a conversation that has one."""
    assert one.due_at is not None  # noqa: S101  mark_of says so
    assert one.waiting_since is not None  # noqa: S101  mark_of says so
    said = {
        "hook": TYPE, "mark": mark_of(one), "conversation": one.id, "team": one.team, "assignee": one.assignee,
        "channel": one.channel, "priority": one.priority, "due_ms": milliseconds(one.due_at),
        "since_ms": milliseconds(one.waiting_since), "at_ms": milliseconds(one.late_at or one.warned_at or one.due_at),
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def told(task: str) -> Told:
    """The request that a task stands for; its id names the conversation, the wait and the mark, so a task that was
    queued twice is one to the receiver. Raises UnreadableTask."""
    try:
        said = json.loads(task)
        if said["hook"] != TYPE or said["mark"] not in MARKS or said["channel"] not in CHANNELS:
            raise UnreadableTask("this is no task of the webhook")
        if said["priority"] not in PRIORITIES:
            raise UnreadableTask("this is no task of the webhook")
        id_ = f"due-{digest('conversation.due', str(said['conversation']), str(int(said['since_ms'])), said['mark'])}"
        data = {
            "conversation": str(said["conversation"]),
            "mark": said["mark"],
            "team": str(said["team"]) or None,
            "assignee": str(said["assignee"]) or None,
            "channel": said["channel"],
            "priority": said["priority"],
            "waiting_since": _time(said["since_ms"]),
            "due_at": _time(said["due_ms"]),
        }
        whole = {"type": TYPE, "timestamp": _time(said["at_ms"]), "data": data}
    except UnreadableTask:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as broken:
        raise UnreadableTask("this is no task of the webhook") from broken
    return Told(id_, json.dumps(whole, ensure_ascii=False, separators=(",", ":")))


def _time(ms: Any) -> str:
    at: datetime = moment(int(ms))
    return time_text(at)
