"""Who goes first, where several journeys compete for the last place of a customer's day.

The lower one waits until the higher has had its turn, and is then asked again: if the other one was sent, the cap says
so; if it was not (no consent, bought meanwhile), the place is still there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.definitions.shop import Cap
from shared.domain.messages.caps import Place
from shared.domain.messages.request import SendRequest

TURN = timedelta(minutes=15)
"""How long after its time a message has surely been decided."""


class CompetingJourney(Struct, frozen=True):
    """A live enrollment of another journey whose next commercial message is planned for ``due``."""

    journey: str
    priority: int
    due: datetime


def goes_first(
    competing: Iterable[CompetingJourney],
    request: SendRequest,
    taken: Iterable[Place],
    cap: Cap | None,
    now: datetime,
    zone: ZoneInfo,
) -> CompetingJourney | None:
    """The earliest of those with a higher priority that are due today, if they need all places left; else None."""
    if not request.commercial or cap is None or cap.per_local_day is None:
        return None
    today = now.astimezone(zone).date()
    units = {place.unit for place in taken if place.tag == "marketing" and place.at.astimezone(zone).date() == today}
    left = cap.per_local_day - len(units)
    if request.unit in units or left <= 0:
        return None
    higher = [
        competitor
        for competitor in competing
        if competitor.priority > request.priority and max(competitor.due, now).astimezone(zone).date() == today
    ]
    return None if len(higher) < left else min(higher, key=lambda competitor: (competitor.due, competitor.journey))


def turn_over(competitor: CompetingJourney, now: datetime) -> datetime:
    """The instant by which the other journey's message is decided."""
    return max(competitor.due, now) + TURN
