"""What agents do with a conversation: answer, note, assign, snooze, close. Each is one conditional write."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.domain.conversations.answer import (
    FREE_TEXT_WINDOW,
    KEPT_IS_SENT,
    Draft,
    Newer,
    answer,
    free_text_until,
    message_id,
    read_seen,
    too_long,
)
from shared.domain.conversations.conversation import CHANNELS, Channel, Conversation
from shared.domain.conversations.events import conversation_events
from shared.domain.conversations.grouping import Group, settled
from shared.domain.conversations.message import Message
from shared.domain.conversations.recipient import recipient
from shared.domain.identity.keys import milliseconds, moment
from shared.operators.service_levels import ServiceLevels
from shared.ports import Conflict
from shared.queries.customer_conversations import CustomerConversations, conversations_of
from shared.queries.customer_tree import Tree
from shared.queries.push_tokens import push_address, push_holder
from shared.stores.conversations import Conversations, stored
from shared.stores.customers import CustomerStore
from shared.stores.event_items import Keys, event_item
from shared.stores.timers import Timers

TRIES = 8
FOLLOW, SNOOZE, ANSWER = "follow", "snooze", "answer"
"""What a timer of the kind ``support`` is for; its step names the conversation or the message."""
AFTER = timedelta(minutes=2)
"""Longer than a request takes: by then what it wrote is there, or never will be."""


class Busy(Exception):
    """Others kept writing the same conversation. Try again later."""


class UnknownConversation(LookupError):
    """There is no conversation of this id."""


class NewerMessages(Exception):
    """An answer is refused because of what came since; nothing was written."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__("newer messages")
        self.messages = messages


class NotReachable(ValueError):
    """The customer cannot be answered by this channel; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation as agents see it, with the customer that it is of."""

    group: Group
    tree: Tree
    keys: Keys

    def reached_by(self, channel: Channel) -> str | None:
        """Whom an answer by this channel goes to; None if it reaches nobody. Where the sender is in doubt, only the
        address that he named."""
        doubtful = self.group[0].apart
        if channel == "push":
            return None if doubtful else push_holder(self.tree, self.keys)
        known = [] if doubtful else [one for member in self.tree.members if (one := member.identifier)]
        return recipient(self.group, channel, known)


@dataclass(frozen=True, slots=True)
class AgentActions:
    """``hand_over`` gives an answer to the queue of its channel, one of ``sends``; given twice, it is sent once."""

    conversations: Conversations
    customers: CustomerStore
    timers: Timers
    keys: Keys
    hand_over: Callable[[Message], None]
    sends: Collection[str]
    pause: Callable[[int], None]
    levels: ServiceLevels

    def show(self, id_: str) -> Shown:
        """The conversation with everything that is shown with it.

        What is stored otherwise than it is shown is put right: identifiers were linked or released since.

        Raises
        ------
        UnknownConversation
        """
        for attempt in range(TRIES):
            found, group = self._read(id_)
            changed = self.levels.prepared(settled(group))
            if not changed:
                return Shown(group, found.tree, self.keys)
            try:
                self.conversations.put(changed)
            except Conflict:
                self.pause(attempt)
                continue
            now_stored = {one.id: stored(one) for one in changed}
            return Shown(tuple(now_stored.get(one.id, one) for one in group), found.tree, self.keys)
        raise Busy

    def write(self, draft: Draft, seen: str | None, now: datetime) -> Message:
        """Keep an answer, and hand it over to be sent; or keep a note. The same draft given again changes nothing.

        ``seen`` is the mark that the conversation was shown with; a note may do without.

        Raises
        ------
        NewerMessages
            If something came that the agent has not seen.
        NotReachable
            If the channel does not reach the customer now.
        SeenUnreadable, UnknownConversation, Busy
        """
        now = moment(milliseconds(now))
        for attempt in range(TRIES):
            known = self.conversations.message(message_id(draft.asked, draft.key))
            if known is not None:
                return known
            shown = self.show(draft.asked)
            group = shown.group
            wanted = draft if draft.direction == "note" else self._addressed(draft, shown, now)
            marks = {one.id: one.messages for one in group} if seen is None else read_seen(seen)
            taken = answer(wanted, group, marks, now)
            if isinstance(taken, Newer):
                raise NewerMessages(self._after(taken))
            if taken.message.delivery == "pending":
                self.timers.arm("support", now + AFTER, taken.message.id, ANSWER, step=taken.message.id)
            elif any(conversation_events(one, since=now) for one in taken.changed):
                self.timers.arm("support", now + AFTER, group[0].id, FOLLOW, step=group[0].id)
            try:
                self.conversations.put(self.levels.prepared(taken.changed), taken.message)
            except Conflict:
                self.pause(attempt)
                continue
            if taken.message.delivery == "pending":
                self.hand_over(taken.message)
            self._tell(taken.changed, since=now)
            return taken.message
        raise Busy

    def change(
        self, id_: str, change: Callable[[Conversation], Conversation], now: datetime, *, whole: bool = True
    ) -> Group:
        """Change a conversation, and all that is live and shown with it if it is a change of the ``whole``.

        Raises
        ------
        NotAllowed
            If the change makes no sense.
        UnknownConversation, Busy
        """
        now = moment(milliseconds(now))
        for attempt in range(TRIES):
            group = self.show(id_).group
            changed = tuple(
                new for one in group if (one is group[0] or (whole and one.live)) and (new := change(one)) != one
            )
            if not changed:
                return group
            placed = self.levels.prepared(
                replace(one, shown_with="" if one.id == group[0].id else group[0].id) for one in changed
            )
            self.timers.arm("support", now + AFTER, group[0].id, FOLLOW, step=group[0].id)
            for one in placed:
                if one.snoozed_until is not None:
                    self.timers.arm("support", one.snoozed_until, one.id, SNOOZE, step=one.id)
            try:
                self.conversations.put(placed)
            except Conflict:
                self.pause(attempt)
                continue
            self._tell(placed, since=now)
            return self.show(id_).group
        raise Busy

    def follow_up(self, id_: str, since: datetime | None = None) -> None:
        """Tell the customer's log once more what happened, or what of it at ``since`` or later, in case that who
        changed the conversation died before."""
        for one in self.show(id_).group:
            self._tell((one,), since=since)

    def channels(self) -> list[Channel]:
        """By which answers can go out."""
        return [channel for channel in CHANNELS if channel in self.sends or channel in KEPT_IS_SENT]

    @staticmethod
    def limited(channel: Channel) -> bool:
        """Whether the channel takes free text for a day after the customer's last message only."""
        return channel in FREE_TEXT_WINDOW

    def _read(self, id_: str) -> tuple[CustomerConversations, Group]:
        one = self.conversations.get(id_)
        if one is None:
            raise UnknownConversation
        found = conversations_of(self.customers, self.conversations, one.home, also=one)
        return found, found.group(id_)

    def _addressed(self, draft: Draft, shown: Shown, now: datetime) -> Draft:
        if draft.channel not in self.sends and draft.channel not in KEPT_IS_SENT:
            raise NotReachable("not_connected")
        if draft.channel in FREE_TEXT_WINDOW and not (draft.template and draft.channel == "whatsapp"):
            until = free_text_until(shown.group, draft.channel)
            if until is None or until <= now:
                raise NotReachable("window_closed")
        if too_long(draft.channel, draft.text):
            raise NotReachable("too_long")
        to = shown.reached_by(draft.channel)
        if to is None or (draft.channel == "push" and push_address(self.customers, shown.tree, self.keys) is None):
            raise NotReachable("no_address")
        return replace(draft, to=to)

    def _after(self, newer: Newer) -> list[Message]:
        found = [m for id_, place in newer.after.items() for m in self.conversations.messages(id_, after=place)]
        return sorted(found, key=lambda one: (one.at, one.conversation, one.place))

    def _tell(self, changed: Group, since: datetime | None) -> None:
        events = [event for one in changed for event in conversation_events(one, since=since)]
        if events:
            self.customers.put_events([event_item(event, self.keys) for event in events])
