"""Where a message belongs that comes in, and what it changes.

It joins the customer's open conversation, else one that was closed within seven days is opened again, else a new one
begins. It is always kept with the conversation of its own identifier; if that is not the first of the group, the first
one is changed as well, so that an agent who answers has to see it.

A forged mail is kept apart: it goes on in a conversation of forged mails of the same address, or begins one. It joins
and reopens no conversation of the customer, and answers no question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.domain.conversations.conversation import FORGED, MOST_THREAD, Conversation, State, digest, reopened
from shared.domain.conversations.grouping import Group, groups
from shared.domain.conversations.message import Inbound, Message, of_inbound
from shared.domain.conversations.rating import awaits_rating, rating_of

REOPENED_WITHIN = timedelta(days=7)
SUSPECT = "spam?"
"""The tag of a conversation that begins with what its channel takes for spam. An agent decides: it may be wrong."""


@dataclass(frozen=True, slots=True)
class Received:
    """``target`` keeps the message. ``lead`` is the first of the group, changed too, or None if that is the target."""

    message: Message
    target: Conversation
    lead: Conversation | None
    begun: bool


def receive(inbound: Inbound, known: Iterable[Conversation], now: datetime) -> Received:
    """``known``: the conversations of the customer, as far as they are live or recent."""
    conversations = _of_its_kind(inbound, known)
    rated = _rated(inbound, conversations, now)
    if rated is not None:
        return Received(of_inbound(inbound, rated.id, rated.messages), rated, None, begun=False)
    group = _group_for(inbound, conversations, now)
    own = [one for one in group if one.home == inbound.home]
    target = max(own, key=lambda one: (one.live, *_age(one))) if own else None
    lead = group[0] if group and target is not group[0] else None
    joined = _begun(inbound, lead, now) if target is None else _joined(target, inbound, now)
    joined = replace(joined, shown_with=lead.id if lead is not None else "")
    message = of_inbound(inbound, joined.id, joined.messages)
    touched = None if lead is None or inbound.automatic else replace(_open(lead, inbound, now), shown_with="")
    return Received(message, joined, touched, begun=target is None)


def _of_its_kind(inbound: Inbound, known: Iterable[Conversation]) -> tuple[Conversation, ...]:
    """Those that the message may touch."""
    if inbound.forged:
        return tuple(one for one in known if one.apart and one.home == inbound.home)
    return tuple(one for one in known if not one.apart)


def _rated(inbound: Inbound, conversations: tuple[Conversation, ...], now: datetime) -> Conversation | None:
    """A number from 1 to 5 after the question how it was is the answer, and opens nothing.

    By e-mail only if the sender's domain vouches for it: anybody can write a mail in another's name, and the question
    held a link that is signed.
    """
    if inbound.channel == "email" and inbound.verified is not True:
        return None
    value = rating_of(inbound.text)
    asked = [one for one in conversations if one.home == inbound.home and awaits_rating(one, now)]
    if value is None or not asked or inbound.automatic:
        return None
    newest = max(asked, key=lambda one: (one.asked_at or one.opened_at, one.id))
    wrote = max(newest.windows.get(inbound.channel, inbound.at), inbound.at)
    windows = {**newest.windows, inbound.channel: wrote}
    return replace(newest, messages=newest.messages + 1, rating=value, rated_at=now, windows=windows)


def _group_for(inbound: Inbound, conversations: tuple[Conversation, ...], now: datetime) -> Group:
    newest = max((one for one in conversations if one.home == inbound.home), key=_age, default=None)
    if newest is not None and newest.spam:
        return (newest,)
    made = groups(one for one in conversations if not one.spam)
    live = next((group for group in made if group[0].live), None)
    if live is not None:
        return live
    recent = [(max(closed), group) for group in made if (closed := _closings(group, now))]
    return max(recent, key=lambda pair: (pair[0], pair[1][0].id))[1] if recent else ()


def _age(one: Conversation) -> tuple[datetime, str]:
    return one.opened_at, one.id


def _closings(group: Group, now: datetime) -> list[datetime]:
    return [one.closed_at for one in group if one.closed_at is not None and now - one.closed_at < REOPENED_WITHIN]


def _begun(inbound: Inbound, lead: Conversation | None, now: datetime) -> Conversation:
    conversation = Conversation(
        id=digest("conversation", inbound.home, inbound.id)[:13],
        home=inbound.home,
        who=inbound.who,
        channel=inbound.channel,
        opened_at=now,
        subject=inbound.subject,
        assignee=lead.assignee if lead else "",
        team=lead.team if lead else "",
        priority=lead.priority if lead else "low" if inbound.suspect or inbound.forged else "normal",
        tags=_doubts(inbound) if lead is None else (),
        apart=inbound.forged,
    )
    if inbound.automatic:  # nobody is to answer a machine
        return replace(conversation, state=State.CLOSED, closed_at=now, messages=1)
    return _wrote(_open(conversation, inbound, now), inbound)


def _doubts(inbound: Inbound) -> tuple[str, ...]:
    return (*((FORGED,) if inbound.forged else ()), *((SUSPECT,) if inbound.suspect else ()))


def _joined(target: Conversation, inbound: Inbound, now: datetime) -> Conversation:
    if _silent(inbound, target):
        return replace(target, messages=target.messages + 1)
    return _wrote(_open(target, inbound, now), inbound)


def _open(conversation: Conversation, inbound: Inbound, now: datetime) -> Conversation:
    """An agent is to answer."""
    return replace(
        reopened(conversation, now),
        channel=inbound.channel,
        last_inbound_at=max(conversation.last_inbound_at or inbound.at, inbound.at),
        waiting_since=conversation.waiting_since or now,
    )


def _wrote(conversation: Conversation, inbound: Inbound) -> Conversation:
    """With one message more. Messages come in any order, so the earliest and the latest times count."""
    return replace(
        conversation,
        messages=conversation.messages + 1,
        thread=_thread(conversation, inbound),
        subject=conversation.subject or inbound.subject,
        first_inbound_at=min(conversation.first_inbound_at or inbound.at, inbound.at),
        windows={
            **conversation.windows,
            inbound.channel: max(conversation.windows.get(inbound.channel, inbound.at), inbound.at),
        },
    )


def _thread(conversation: Conversation, inbound: Inbound) -> tuple[str, ...]:
    if not inbound.reference:
        return conversation.thread
    return tuple(dict.fromkeys((*inbound.references, inbound.reference)))[-MOST_THREAD:]


def _silent(inbound: Inbound, conversation: Conversation) -> bool:
    """Whether the message is kept and asks nobody to do anything."""
    return inbound.automatic or conversation.spam
