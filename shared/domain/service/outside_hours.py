"""The answer that goes out by itself while a team is away: once per conversation and closed period, to people only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.conversations.conversation import Conversation, digest
from shared.domain.conversations.message import Inbound
from shared.domain.service.business_time import NeverOpen
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.formats import moment_text

RECENT = timedelta(hours=1)
"""A message that was taken later than this is not answered by itself: whoever wrote it has gone on."""


@dataclass(frozen=True, slots=True)
class Away:
    """``id`` is that of the answer: the same for every message of the conversation while the team is away."""

    id: str
    opens: datetime


def away(
    one: Conversation, inbound: Inbound, team: TeamDefinition | None, shop_zone: str, now: datetime
) -> Away | None:
    """None if nothing is answered by itself: somebody is there, or a machine or a list wrote.

    A mail is answered only if the domain of its sender vouches for it (DMARC): an answer to a forged one would be mail
    that its true owner never asked for.
    """
    if team is None or team.outside_hours is None or inbound.channel not in team.outside_hours.channels:
        return None
    if inbound.automatic or inbound.suspect or inbound.from_list or inbound.forged:
        return None
    if inbound.channel == "email" and inbound.verified is not True:
        return None
    if not one.live or now - inbound.at > RECENT:
        return None
    time = team.time(shop_zone)
    try:
        since = time.closed_since(now)
        return None if since is None else Away(digest("away", one.id, since.isoformat()), time.next_opening(now))
    except NeverOpen:
        return None


def opens_text(opens: datetime, team: TeamDefinition, shop_zone: str, language: str) -> str:
    """``30 Kasım 2026, 09:00``, as the team's clock shows it."""
    return moment_text(opens, ZoneInfo(team.time_zone or shop_zone), language)
