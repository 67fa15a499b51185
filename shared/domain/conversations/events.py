"""What a conversation tells the customer's log. The text of messages stays in the conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.message import Message
from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds

SOURCE = "support"
RECEIVED = "Message Received"
OPENED, CLOSED = "Conversation Opened", "Conversation Closed"
ANSWERED, REOPENED = "Conversation Answered", "Conversation Reopened"
OVERDUE = "Answer Overdue"
ASKED, RATED = "Satisfaction Asked", "Satisfaction Rated"
CASE_OPENED, CASE_ANSWERED, CASE_CLOSED = "Case Opened", "Case Answered", "Case Closed"


def received_event(message: Message, who: str) -> Event:
    """The customer wrote. Written again, it is the same event."""
    properties = {"conversation_id": message.conversation, "message_id": message.id}
    if message.automatic:
        properties["automatic"] = "yes"
    # A machine that answers is no hour in which the customer is active.
    context = {"active": False} if message.automatic else {}
    return _event(RECEIVED, f"received-{message.id}", message.at, message.channel, who, properties, context)


def conversation_events(one: Conversation, *, since: datetime | None = None) -> list[Event]:
    """Everything that the conversation has to tell, or what of it happened at ``since`` or later. What is kept apart
    tells nothing: the customer did not write it."""
    if one.apart:
        return []
    told = {event.message_id: event for event in _told(one) if since is None or event.time >= since}
    return sorted(told.values(), key=lambda event: (event.time, event.message_id))


def _told(one: Conversation) -> Iterator[Event]:
    about: dict[str, Any] = {"conversation_id": one.id, **({"order_id": one.order_id} if one.order_id else {})}

    def event(name: str, what: str, at: datetime, **more: Any) -> Event:
        return _event(name, f"{one.id}-{what}", at, one.channel, one.who, {**about, **more}, {"active": False})

    yield event(OPENED, "opened", one.opened_at)
    work = {"agent": one.answered_by or one.assignee, "team": one.team}
    if one.reopened_at is not None:
        yield event(REOPENED, f"reopened-{milliseconds(one.reopened_at)}", one.reopened_at)
    if one.first_answer_at is not None:
        seconds = _seconds(one.opened_at, one.first_answer_at)
        yield event(ANSWERED, "answered", one.first_answer_at, seconds=seconds, agent=one.first_answer_by)
    if one.closed_at is not None:
        seconds = _seconds(one.opened_at, one.closed_at)
        closed = f"closed-{milliseconds(one.closed_at)}"
        yield event(CLOSED, closed, one.closed_at, kind=one.kind, seconds=seconds, **work)
    if one.late_at is not None:
        yield event(OVERDUE, f"overdue-{milliseconds(one.late_at)}", one.late_at, team=one.team)
    if one.asked_at is not None:
        asked = milliseconds(one.asked_at)
        yield event(ASKED, f"asked-{asked}", one.asked_at, **work)
        if one.rated_at is not None:
            yield event(RATED, f"rated-{asked}", one.rated_at, rating=one.rating, **work)
    for span in one.cases:
        case = {"case_id": one.id, "kind": span.kind}
        yield event(CASE_OPENED, f"{span.kind}-opened-{milliseconds(span.since)}", span.since, **case)
        if one.first_answer_at is not None and span.since <= one.first_answer_at:
            yield event(CASE_ANSWERED, f"{span.kind}-answered", one.first_answer_at, **case)
        if span.until is not None:
            yield event(CASE_CLOSED, f"{span.kind}-closed-{milliseconds(span.until)}", span.until, **case)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _event(
    name: str, id_: str, at: datetime, channel: str, who: str, properties: dict[str, Any], context: dict[str, Any]
) -> Event:
    kind, _, value = who.partition(":")
    return Event(
        type=EventType.TRACK,
        name=name,
        message_id=id_,
        time=at,
        received_at=at,
        source=SOURCE,
        channel=channel,
        trusted=True,
        identifiers=(Identifier(IdentifierType(kind), value),),
        properties=properties,
        context=context,
    )
