"""A conversation: what is kept of it, and what an agent may change."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.conversations.cases import CaseSpan, opened_as, with_kind

InboundChannel = Literal["email", "sms", "whatsapp", "instagram", "messenger", "chat", "store"]
INBOUND_CHANNELS: tuple[InboundChannel, ...] = get_args(InboundChannel)
Channel = Literal[InboundChannel, "push"]
"""By which something is said. A push message is an answer: nobody writes back by it."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Kind = Literal["question", "complaint", "return", "refund"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
MOST_TAGS = 20
MOST_THREAD = 5
"""Ids of e-mails that an answer names; mail programs need the last one."""
NAME_LENGTH = 64
"""Of an agent, a team or a tag."""
ORDER_LENGTH = 100
FORGED = "forged?"
"""The tag of a conversation that is kept apart."""


class State(StrEnum):
    """``open``: an agent is to answer. ``waiting``: the customer is. ``snoozed``: nobody before an instant."""

    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Conversation(Struct, frozen=True):
    """Messages of one identifier, and how far they are answered.

    Several conversations of one customer are shown as one (``grouping``); each keeps the messages of its own
    identifier, so that they come apart again when the identifiers do.

    Attributes
    ----------
    home, who
        The key of the identifier, and the identifier in plain form, such as ``email:ayse@example.com``.
    shown_with
        The id of the conversation that it was last shown in; empty if it is the first of its group or alone.
    messages
        How many there are, notes included. Each message has its number as its place.
    reopened_at
        When it was opened again last.
    first_answer_by, answered_by
        The agents who answered first and last.
    waiting_since
        When the first message came that nobody has answered yet.
    windows
        By channel when the customer wrote last: WhatsApp and Instagram take free text for 24 hours from then.
    thread
        The newest ids of the e-mails that an answer by e-mail continues.
    cases
        When it was a complaint, a return or a refund.
    version
        That is stored; 0 if none is. Changes leave it: what is written has one more, on condition of this one.
    spam
        What comes in is kept and shown to nobody.
    due_at, warn_at
        Until when an answer is promised, and when the team is warned before; of who waits only.
    warned_at, late_at
        When the team was warned, and when the answer was found to be late.
    due_for
        The team and the wait that these times were computed for.
    apart
        Its mails are forged, as the domain of their sender says (DMARC). It is shown alone, beside no other
        conversation of the customer, and his log hears nothing of it, until an agent vouches for the sender.
    asked_at, rating, rated_at
        When the customer was asked how it was, and what he said: 1 to 5, 0 for nothing.
    """

    id: str
    home: str
    who: str
    channel: Channel
    opened_at: datetime
    version: int = 0
    state: State = State.OPEN
    messages: int = 0
    shown_with: str = ""
    first_inbound_at: datetime | None = None
    last_inbound_at: datetime | None = None
    first_answer_at: datetime | None = None
    last_answer_at: datetime | None = None
    waiting_since: datetime | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    assignee: str = ""
    team: str = ""
    priority: Priority = "normal"
    kind: Kind = "question"
    order_id: str = ""
    tags: tuple[str, ...] = ()
    subject: str = ""
    windows: Mapping[Channel, datetime] = field(default_factory=dict)
    cases: tuple[CaseSpan, ...] = ()
    thread: tuple[str, ...] = ()
    failed: bool = False
    """The last answer did not go out; the agent is to look at it."""
    spam: bool = False
    apart: bool = False
    due_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    late_at: datetime | None = None
    due_for: str = ""
    asked_at: datetime | None = None
    rating: int = 0
    rated_at: datetime | None = None
    reopened_at: datetime | None = None
    first_answer_by: str = ""
    answered_by: str = ""

    @property
    def live(self) -> bool:
        """Somebody is still to do something."""
        return self.state is not State.CLOSED and not self.spam


class NotAllowed(ValueError):
    """The change makes no sense for this conversation; the text says why, without personal data."""


def answered(conversation: Conversation, at: datetime, by: str = "") -> Conversation:
    """An agent answered: the customer is to write next."""
    return replace(
        conversation,
        state=State.WAITING,
        first_answer_at=conversation.first_answer_at or at,
        first_answer_by=conversation.first_answer_by if conversation.first_answer_at else by,
        last_answer_at=at,
        answered_by=by,
        waiting_since=None,
        snoozed_until=None,
        failed=False,
    )


def answer_failed(conversation: Conversation, at: datetime) -> Conversation:
    """The answer did not go out: the conversation returns to the agent."""
    state = State.OPEN if conversation.live else conversation.state
    return replace(conversation, state=state, failed=True, waiting_since=conversation.waiting_since or at)


def closed(conversation: Conversation, at: datetime) -> Conversation:
    """Closed again, it stays as it is."""
    if conversation.state is State.CLOSED:
        return conversation
    return replace(
        conversation,
        state=State.CLOSED,
        closed_at=at,
        waiting_since=None,
        snoozed_until=None,
        failed=False,
        cases=with_kind(conversation.cases, "question", at),
    )


def reopened(conversation: Conversation, at: datetime) -> Conversation:
    """Open again; what it was when it was closed, it is again."""
    if conversation.state is not State.CLOSED:
        return replace(conversation, state=State.OPEN, snoozed_until=None)
    return replace(
        conversation,
        state=State.OPEN,
        closed_at=None,
        reopened=conversation.reopened + 1,
        reopened_at=at,
        spam=False,
        cases=opened_as(conversation.cases, conversation.kind, at),
    )


def snoozed(conversation: Conversation, until: datetime, now: datetime) -> Conversation:
    """Raises NotAllowed for an instant that is over, or a closed conversation."""
    if until <= now:
        raise NotAllowed("a conversation can be snoozed until a later instant only")
    if not conversation.live:
        raise NotAllowed("the conversation is closed; open it first")
    return replace(conversation, state=State.SNOOZED, snoozed_until=until)


def woken(conversation: Conversation, now: datetime) -> Conversation | None:
    """Open again because its time has come; None if there is nothing to wake."""
    until = conversation.snoozed_until
    if conversation.state is not State.SNOOZED or until is None or until > now:
        return None
    return replace(conversation, state=State.OPEN, snoozed_until=None, waiting_since=conversation.waiting_since or now)


def of_kind(conversation: Conversation, kind: Kind, at: datetime) -> Conversation:
    """What it is about. A complaint, a return and a refund hold marketing while they are open."""
    cases = with_kind(conversation.cases, kind, at) if conversation.live else conversation.cases
    return replace(conversation, kind=kind, cases=cases)


def as_spam(conversation: Conversation, at: datetime) -> Conversation:
    """Closed for good: what comes later from this identifier is kept and opens nothing."""
    return replace(closed(conversation, at), spam=True)


def vouched(conversation: Conversation) -> Conversation:
    """An agent knows the sender: from now on it is a conversation of the customer like any other."""
    if not conversation.apart:
        return conversation
    return replace(conversation, apart=False, tags=tuple(one for one in conversation.tags if one != FORGED))


def tagged(conversation: Conversation, tags: tuple[str, ...]) -> Conversation:
    """With these tags and no others. Raises NotAllowed for more than ``MOST_TAGS``."""
    if len(set(tags)) > MOST_TAGS:
        raise NotAllowed(f"a conversation has at most {MOST_TAGS} tags")
    return replace(conversation, tags=tuple(sorted(set(tags))))


def with_details(
    conversation: Conversation,
    at: datetime,
    *,
    kind: Kind | None = None,
    priority: Priority | None = None,
    order_id: str | None = None,
    subject: str | None = None,
    tags: tuple[str, ...] | None = None,
) -> Conversation:
    """What it is about; None leaves a detail as it is. Raises NotAllowed for too many tags."""
    changed = replace(
        conversation,
        priority=conversation.priority if priority is None else priority,
        order_id=conversation.order_id if order_id is None else order_id,
        subject=conversation.subject if subject is None else subject,
    )
    changed = changed if tags is None else tagged(changed, tags)
    return changed if kind is None else of_kind(changed, kind, at)


def digest(*parts: str) -> str:
    """26 letters and digits made of these texts: equal for equal texts, and nothing can be read from it."""
    raw = b"".join(len(data).to_bytes(4, "big") + data for data in (p.encode("utf-8", "surrogatepass") for p in parts))
    return base64.b32encode(hashlib.blake2b(raw, digest_size=16).digest()).decode().rstrip("=").lower()
