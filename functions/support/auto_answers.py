"""Answers customers who write while a team is away, by the channel on which they wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from shared.domain.conversations.answer import KEPT_IS_SENT, by_itself
from shared.domain.conversations.message import Inbound, Message
from shared.domain.service.outside_hours import Away, away, opens_text
from shared.domain.service.routing import language_said
from shared.domain.service.rules import ServiceRules
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.content import Render, Unrenderable
from shared.operators.agent_actions import AFTER, ANSWER, TRIES, Busy
from shared.operators.said_by_itself import begun_by_us, may_be_told, subject_of
from shared.ports import Conflict
from shared.queries.customer_tree import Tree
from shared.stores.conversations import Conversations
from shared.stores.own_answer_limits import OwnAnswerLimits
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class AutoAnswers:
    """``hand_over`` gives an answer to the queue of its channel, one of ``sends``; given twice, it is sent once."""

    conversations: Conversations
    timers: Timers
    rules: Callable[[], ServiceRules]
    hand_over: Callable[[Message], None]
    sends: Collection[str]
    render: Render
    pause: Callable[[int], None]
    limits: OwnAnswerLimits

    def answer(self, id_: str, inbound: Inbound, tree: Tree, now: datetime) -> bool:
        """Answer the message once, if its team is away. Done again after a crash, it does the rest.

        Not to who restricted the processing of his data, and not beyond what goes out in an hour.

        Raises
        ------
        Busy
            If others wrote the conversation each time.
        """
        rules = self.rules()
        if not self._sent(inbound) or not _somebody_is_away(rules, now):
            return False
        counted = inbound.channel in KEPT_IS_SENT
        for attempt in range(TRIES):
            target = self.conversations.get(id_)
            team = None if target is None else rules.team_of(target.team)
            found = None if target is None else away(target, inbound, team, rules.time_zone, now)
            if target is None or team is None or found is None or not may_be_told(tree, target):
                return False
            if self.conversations.mark(found.id) is not None:
                return False
            language = self._language(tree, rules)
            text = self._text(found, team, rules, language)
            if text is None or not (counted or self.limits.take(inbound.home, now)):
                return False
            counted = True
            mail = inbound.channel == "email"
            subject = subject_of(rules, language, begun_by_us(self.conversations, inbound)) if mail else ""
            message, changed = by_itself(target, found.id, inbound.channel, text, inbound.who, now, subject=subject)
            if message.delivery == "pending":
                self.timers.arm("support", now + AFTER, message.id, ANSWER, step=message.id)
            try:
                self.conversations.put([changed], message)
            except Conflict:
                self.pause(attempt)
                continue
            if message.delivery == "pending":
                self.hand_over(message)
            return True
        raise Busy

    def _sent(self, inbound: Inbound) -> bool:
        return inbound.channel in self.sends or inbound.channel in KEPT_IS_SENT

    @staticmethod
    def _language(tree: Tree, rules: ServiceRules) -> str:
        profile = tree.profile()
        return language_said(profile.trait, profile.locale, rules.languages[0])

    def _text(self, found: Away, team: TeamDefinition, rules: ServiceRules, language: str) -> str | None:
        """None for a text that cannot be made; it was tried when it was published."""
        said = team.outside_hours
        if said is None:
            return None
        text, chosen = rules.text_in(said.text, language)
        view = {"opens": opens_text(found.opens, team, rules.time_zone, chosen), "shop": dict(rules.shop)}
        try:
            return self.render(text, view, False).strip() or None
        except Unrenderable:
            return None


def _somebody_is_away(rules: ServiceRules, now: datetime) -> bool:
    """Asked before anything is read: while all are there, a message costs nothing more."""
    answering = [team for team in rules.teams.values() if team.outside_hours is not None]
    return any(not team.time(rules.time_zone).is_open(now) for team in answering)
