"""Asks a customer how it was after his conversation was closed, and notes what he says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from shared.domain.consent.consent import MARKETING, consent_state
from shared.domain.conversations.answer import FREE_TEXT_WINDOW, by_itself, free_text_until
from shared.domain.conversations.conversation import Channel, Conversation
from shared.domain.conversations.events import conversation_events
from shared.domain.conversations.jobs import Rating
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.conversations.recipient import recipient
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.privacy.held_rights import Held
from shared.domain.service.routing import language_said
from shared.domain.service.satisfaction import (
    BY_DIGIT,
    BY_LINK,
    ONCE_IN,
    consent_needed,
    is_due,
    question_id,
)
from shared.domain.service.team import TeamDefinition
from shared.operators.agent_actions import AFTER, ANSWER, FOLLOW, AgentActions, Busy, Shown
from shared.operators.said_by_itself import may_be_told, subject_of
from shared.ports import Conflict, Write
from shared.stores.conversation_items import ASKED, home_pk
from shared.stores.conversations import Conversations
from shared.stores.event_items import event_item
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class AskSatisfaction:
    """``public_url``: where the HTTP API answers; empty, nobody is sent a link."""

    conversations: Conversations
    agents: AgentActions
    timers: Timers
    tokens: RatingTokens
    public_url: Callable[[], str]

    def ask(self, id_: str, now: datetime) -> bool:
        """Put the question, if it is still to be put; once in 30 days per customer. Repeated, it changes nothing.

        Raises
        ------
        UnknownConversation
        Busy
            If others wrote the conversation, or asked the customer, at the same moment.
        """
        now = moment(milliseconds(now))
        shown = self.agents.show(id_)
        one, rules = shown.group[0], self.agents.levels.rules()
        team = rules.team_of(one.team)
        if team is None or not is_due(one, team, now) or any(member.live for member in shown.group):
            return False
        if not may_be_told(shown.tree, one):
            return False
        to = self._reached(one, shown, now)
        permitted = to is not None and self._permitted(one.channel, to, team, shown, now)
        marks = self._marks(shown, now) if permitted else None
        if to is None or marks is None:
            return False
        target = next((member for member in shown.group if member.who == to), one)
        text, subject = self._text(one.channel, target, team, shown, now)
        if not text:
            return False
        message, changed = by_itself(target, question_id(one), one.channel, text, to, now, subject=subject)
        asked = replace(changed, asked_at=now, rating=0, rated_at=None)
        self.timers.arm("support", now + AFTER, one.id, FOLLOW, step=one.id)  # tells the log, if this dies before
        if message.delivery == "pending":
            self.timers.arm("support", now + AFTER, message.id, ANSWER, step=message.id)
        try:
            self.conversations.put([asked], message, also=marks)
        except Conflict as other:
            raise Busy from other
        self._tell(asked)
        if message.delivery == "pending":
            self.agents.hand_over(message)
        return True

    def note(self, rating: Rating, now: datetime) -> bool:
        """What a customer chose on the page. The first choice counts; False if nobody asked, or it is known.

        Raises
        ------
        Busy
            If others wrote the conversation at the same moment.
        """
        one = self.conversations.get(rating.conversation)
        if one is None or one.asked_at is None or milliseconds(one.asked_at) != milliseconds(rating.asked_at):
            return False
        if not one.rating:
            one = replace(one, rating=rating.value, rated_at=moment(milliseconds(now)))
            try:
                self.conversations.put([one])
            except Conflict as other:
                raise Busy from other
        self._tell(one)  # told again after a crash, it is the same event
        return True

    def _reached(self, one: Conversation, shown: Shown, now: datetime) -> str | None:
        """Whom the question goes to by the channel on which the conversation went last; None if that reaches nobody."""
        channel = one.channel
        if channel == "store" or channel not in self.agents.channels():
            return None
        until = free_text_until(shown.group, channel)
        if channel in FREE_TEXT_WINDOW and (until is None or until <= now):
            return None
        return recipient(shown.group, channel, [])

    def _permitted(self, channel: Channel, to: str, team: TeamDefinition, shown: Shown, now: datetime) -> bool:
        """Not who objected to marketing; by e-mail and SMS only who agreed to it. With ``require_iys`` the register
        decides about that, which is not asked here: then the question is not put by them."""
        if shown.tree.held(Held.OBJECT) is not None:
            return False
        if not consent_needed(channel, team):
            return True
        if self.agents.levels.rules().shop.get("require_iys"):
            return False
        key = self.agents.keys(parse_identifier(to))
        return consent_state(shown.tree.profile().consents, channel, MARKETING, key, now).granted

    def _marks(self, shown: Shown, now: datetime) -> list[Write] | None:
        """The note that the customer was asked, on condition that nobody asked since; None if he was asked lately."""
        keys = dict.fromkeys((*shown.tree.keys, *(member.home for member in shown.group)))
        found = {
            item["pk"]: int(item["at"])
            for item in self.conversations.table.get_many([(home_pk(key), ASKED) for key in keys])
        }
        if any(at > milliseconds(now - ONCE_IN) for at in found.values()):
            return None
        places = dict.fromkeys((home_pk(shown.tree.root), home_pk(shown.group[0].home)))
        return [self._mark(pk, found.get(pk), now) for pk in places]

    @staticmethod
    def _mark(pk: str, before: int | None, now: datetime) -> Write:
        item: dict[str, Any] = {
            "pk": pk,
            "sk": ASKED,
            "at": milliseconds(now),
            "expires": int((now + 2 * ONCE_IN).timestamp()),
        }
        return Write(item, {"pk": None} if before is None else {"at": before})

    def _text(
        self, channel: Channel, target: Conversation, team: TeamDefinition, shown: Shown, now: datetime
    ) -> tuple[str, str]:
        """By e-mail with a link, else with the digits to answer with; and the subject. Empty if there is no link."""
        rules, profile = self.agents.levels.rules(), shown.tree.profile()
        language = language_said(profile.trait, profile.locale, rules.languages[0])
        own = team.satisfaction.text if team.satisfaction is not None else None
        by_link = channel == "email"
        text, _ = rules.text_in(own or (BY_LINK if by_link else BY_DIGIT), language)
        if not by_link:
            return text, ""
        url = self.public_url()
        link = f"{url}/r/{self.tokens.make(target.id, now)}"
        said = text.replace("{link}", link) if "{link}" in text else f"{text}\n\n{link}"
        return (said, subject_of(rules, language)) if url else ("", "")

    def _tell(self, changed: Conversation) -> None:
        events = conversation_events(changed)
        self.agents.customers.put_events([event_item(event, self.agents.keys) for event in events])
