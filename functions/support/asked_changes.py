"""``POST /v1/conversations/{id}/...``: who works on it, its state, what it is about, what belongs to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from functions.support import fields
from functions.support.environment import Environment
from shared.domain.conversations.conversation import (
    KINDS,
    NAME_LENGTH,
    ORDER_LENGTH,
    PRIORITIES,
    Conversation,
    as_spam,
    closed,
    reopened,
    snoozed,
    vouched,
    with_details,
)
from shared.domain.conversations.message import SUBJECT_LENGTH
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.time.durations import InvalidDuration, parse_duration
from shared.http.answers import malformed
from shared.operators import conversations, merge_conversations

STATES = ("open", "snoozed", "closed", "spam")
LONGEST_SNOOZE = timedelta(days=365)


def assign(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """To an agent, a team, or both; an empty text or null takes it back."""
    fields.only(body, "agent", "team")
    if not body:
        raise malformed("give agent, team or both; null takes it back")
    said: dict[str, Any] = {}
    if "agent" in body:
        said["assignee"] = fields.name(body, "agent")
    if "team" in body:
        said["team"] = fields.name(body, "team")
    return conversations.change(environment, id_, lambda one: replace(one, **said))


def set_state(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """``snoozed`` takes ``for``, a duration such as 3h or 2d."""
    fields.only(body, "state", "for")
    state = fields.one_of(body, "state", STATES)
    if (state == "snoozed") != ("for" in body):
        raise malformed("snoozed needs for, a duration such as 3h or 2d; no other state takes it")
    now = moment(milliseconds(environment.clock.now()))
    if state == "snoozed":
        until = now + _duration(body["for"])
        return conversations.change(environment, id_, lambda one: snoozed(one, until, now))
    change = {"open": reopened, "closed": closed, "spam": as_spam}[state]
    return conversations.change(environment, id_, lambda one: change(one, now))


def set_details(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """What it is about: kind, order, priority, tags; and that its sender is the customer (``vouched``)."""
    fields.only(body, "kind", "order_id", "priority", "tags", "subject", "vouched")
    if body.get("vouched", True) is not True:
        raise malformed("vouched can only be true: it is taken back by nothing")
    now = moment(milliseconds(environment.clock.now()))
    kind = fields.one_of(body, "kind", KINDS) if "kind" in body else None
    priority = fields.one_of(body, "priority", PRIORITIES) if "priority" in body else None
    order = fields.name(body, "order_id", most=ORDER_LENGTH) if "order_id" in body else None
    subject = fields.name(body, "subject", most=SUBJECT_LENGTH) if "subject" in body else None
    tags = _tags(body["tags"]) if "tags" in body else None

    def change(one: Conversation) -> Conversation:
        known = vouched(one) if "vouched" in body else one
        return with_details(known, now, kind=kind, priority=priority, order_id=order, subject=subject, tags=tags)

    return conversations.change(environment, id_, change, whole=False)


def merge(environment: Environment, id_: str, body: dict[str, Any]) -> dict[str, Any]:
    """Show a closed conversation of the same customer with this one."""
    fields.only(body, "with")
    other = fields.name(body, "with", needed=True)
    return merge_conversations.merge(environment, id_, other)


def _duration(value: Any) -> timedelta:
    try:
        span = parse_duration(value if isinstance(value, str) else "")
    except InvalidDuration as wrong:
        raise malformed("for must be a duration such as 30m, 3h or 2d") from wrong
    if not timedelta() < span <= LONGEST_SNOOZE:
        raise malformed(f"for must be a duration from 1m to {LONGEST_SNOOZE.days}d")
    return span


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise malformed("tags must be a list of texts")
    return tuple(fields.name({"tags": one}, "tags", needed=True, most=NAME_LENGTH) for one in value)
