"""Takes messages that channels delivered: each one once, with the conversation that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from functions.support.auto_answers import AutoAnswers
from functions.support.erased_people import ANEW, ErasedPeople
from shared.domain.conversations.conversation import MOST_TAGS, Conversation, tagged
from shared.domain.conversations.events import conversation_events, received_event
from shared.domain.conversations.message import Inbound, Message
from shared.domain.conversations.receive import Received, receive
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.service.routing import asked_of, routed
from shared.operators.agent_actions import TRIES, Busy
from shared.operators.service_levels import ServiceLevels
from shared.ports import Conflict
from shared.queries.customer_conversations import conversations_of
from shared.queries.customer_tree import Tree
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.event_items import Keys, event_item

Became = Literal["taken", "known", "erased"]


@dataclass(frozen=True, slots=True)
class Receiving:
    """``pause`` waits a little before the n-th new attempt."""

    conversations: Conversations
    customers: CustomerStore
    keys: Keys
    pause: Callable[[int], None]
    levels: ServiceLevels
    erased: ErasedPeople
    away: AutoAnswers | None = None
    """None: nobody is answered by itself."""

    def receive(self, inbound: Inbound, now: datetime) -> tuple[Became, Message | None]:
        """Keep the message, and tell the customer's log. Done again after a crash, it does the rest.

        A message of before an erasure is refused for a while, as events are: its channel may repeat it. Who writes
        after he was erased is answered like anybody else (docs/decisions/2026-11-30-who-was-erased-writes-anew.md).

        Raises
        ------
        Busy
            If others wrote the conversation each time, or if the erasure is not over yet.
        """
        now = moment(milliseconds(now))
        for attempt in range(TRIES):
            found = conversations_of(self.customers, self.conversations, inbound.home)
            control = found.tree.control_of(inbound.home) or self.customers.control(inbound.home)
            refused = control.refuses(now)
            if refused and not self.erased.writes_anew(inbound, control.erasure, now):
                return "erased", None
            received = receive(inbound, found.conversations, now)
            target = self._routed(received, inbound, found.tree, now)
            if refused and received.begun and ANEW not in target.tags:
                target = tagged(target, (*target.tags[: MOST_TAGS - 1], ANEW))
            changed = list(self.levels.prepared([target, *([received.lead] if received.lead is not None else [])]))
            begun = found.newest[inbound.home] if received.begun else None
            try:
                self.conversations.put(changed, received.message, begun=begun)
            except Conflict:
                known = self.conversations.message(inbound.id)
                if known is not None:
                    self._answer_away(known, inbound, found.tree, now)
                    return "known", self._told_again(known)
                self.pause(attempt)
                continue
            self._tell(received.message, changed, since=now)
            self._answer_away(received.message, inbound, found.tree, now)
            return "taken", received.message
        raise Busy

    def _answer_away(self, message: Message, inbound: Inbound, tree: Tree, now: datetime) -> None:
        if self.away is not None:
            self.away.answer(message.conversation, inbound, tree, now)

    def _routed(self, received: Received, inbound: Inbound, tree: Tree, now: datetime) -> Conversation:
        """What begins alone goes by the rules of the release; agents decide about everything else."""
        target, rules = received.target, self.levels.rules()
        if not received.begun or received.lead is not None or inbound.automatic:
            return target
        if rules.routing and not inbound.suspect and not inbound.forged:
            said, language = f"{inbound.subject} {inbound.text}", rules.languages[0]
            target = routed(target, rules.routing, asked_of(tree.profile(), inbound.channel, said, language, now))
        default = rules.team_of("")
        return target if target.team or default is None else replace(target, team=default.team)

    def _told_again(self, message: Message) -> Message:
        """For the case that who took it died before he told."""
        target = self.conversations.get(message.conversation)
        if target is not None:
            lead = self.conversations.get_many([target.shown_with] if target.shown_with else [])
            self._tell(message, [target, *lead], since=None)
        return message

    def _tell(self, message: Message, changed: list[Conversation], since: datetime | None) -> None:
        if changed[0].apart:
            return
        events = [received_event(message, changed[0].who)]
        events += [event for one in changed for event in conversation_events(one, since=since)]
        self.customers.put_events([event_item(event, self.keys) for event in events])
