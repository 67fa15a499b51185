"""Answers customers who write while a team is away, by the channel on which they wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from shared.domain.conversations.answer import KEPT_IS_SENT, by_itself
from shared.domain.conversations.message import Inbound, Message
from shared.domain.profile.profile import Profile
from shared.domain.service.outside_hours import Away, away, opens_text
from shared.domain.service.routing import language_said
from shared.domain.service.rules import ServiceRules
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.content import Render, Unrenderable
from shared.operators.agent_actions import AFTER, ANSWER, TRIES, Busy
from shared.ports import Conflict
from shared.stores.conversations import Conversations
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

    def answer(self, id_: str, inbound: Inbound, profile: Callable[[], Profile], now: datetime) -> bool:
        """Answer the message once, if its team is away. Done again after a crash, it does the rest.

        Raises
        ------
        Busy
            If others wrote the conversation each time.
        """
        rules = self.rules()
        if not self._sent(inbound) or not _somebody_is_away(rules, now):
            return False
        for attempt in range(TRIES):
            target = self.conversations.get(id_)
            team = None if target is None else rules.team_of(target.team)
            found = None if target is None else away(target, inbound, team, rules.time_zone, now)
            if target is None or team is None or found is None or self.conversations.mark(found.id) is not None:
                return False
            text = self._text(found, team, rules, profile())
            if text is None:
                return False
            message, changed = by_itself(target, found.id, inbound.channel, text, inbound.who, now)
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

    def _text(self, found: Away, team: TeamDefinition, rules: ServiceRules, profile: Profile) -> str | None:
        """None for a text that cannot be made; it was tried when it was published."""
        said = team.outside_hours
        if said is None:
            return None
        language = language_said(profile.trait, profile.locale, rules.languages[0])
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
