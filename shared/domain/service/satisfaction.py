"""Satisfaction: one question after a conversation was closed, answered with a number from 1 to 5."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.domain.conversations.conversation import Conversation, State, digest
from shared.domain.identity.keys import milliseconds
from shared.domain.service.team import TeamDefinition

ONCE_IN = timedelta(days=30)
"""A customer is asked at most once in so long, whatever he wrote about."""
ASKED_LATE = timedelta(days=1)
"""A question that could not be put in time is not put at all."""

BY_LINK: Mapping[str, str] = {
    "tr": "Görüşmemizden ne kadar memnun kaldınız? Bir tıkla söyleyin: {link}",
    "en": "How satisfied are you with our conversation? Tell us with one click: {link}",
}
BY_DIGIT: Mapping[str, str] = {
    "tr": "Görüşmemizden ne kadar memnun kaldınız? 1 (hiç) ile 5 (çok) arasında bir sayı yazın.",
    "en": "How satisfied are you with our conversation? Answer with a number from 1 (not at all) to 5 (very).",
}


BY_LAW_COMMERCIAL = frozenset({"email", "sms"})
"""Channels on which a question that the customer did not ask for is a commercial message (Turkey's law 6563)."""


def consent_needed(channel: str, team: TeamDefinition) -> bool:
    """Whether the question goes to who agreed to advertising only. On other channels he wrote within the day himself,
    and the law names them not."""
    asks = team.satisfaction
    return channel in BY_LAW_COMMERCIAL and (asks is None or asks.consent == "needed")


def ask_at(one: Conversation, team: TeamDefinition | None) -> datetime | None:
    """When the customer is asked; None if he is not. Somebody has answered him, and he was not asked about this end."""
    if team is None or team.satisfaction is None or one.spam or one.apart or one.shown_with or one.closed_at is None:
        return None
    if one.state is not State.CLOSED or one.first_answer_at is None or one.last_inbound_at is None:
        return None
    if one.asked_at is not None and one.asked_at >= one.closed_at:
        return None
    return one.closed_at + team.satisfaction.after


def is_due(one: Conversation, team: TeamDefinition | None, now: datetime) -> bool:
    """Whether the question is to be put now."""
    at = ask_at(one, team)
    return at is not None and at <= now < at + ASKED_LATE


def question_id(one: Conversation) -> str:
    """The id of the question about this end of the conversation."""
    return digest("satisfaction", one.id, str(one.closed_at and milliseconds(one.closed_at)))
