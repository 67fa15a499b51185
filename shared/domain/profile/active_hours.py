"""The hours of the day in which somebody is active, on the customer's own clock (docs/definitions.md#time-zone)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.profile.engagement import WINDOW
from shared.domain.profile.profile import Profile

ENOUGH_DAYS = 2
"""Days on which somebody was active in an hour, before it is called an active hour."""
BEST = 3


class ActiveHour(Struct, frozen=True):
    """``hour`` of the local day, 0 to 23; ``days``: on how many of the days that are remembered."""

    hour: int
    days: int


def active_hours(profile: Profile, zone: ZoneInfo, now: datetime) -> tuple[ActiveHour, ...]:
    """The BEST hours with at least ENOUGH_DAYS active days, most days first, equal ones by the clock.

    From the hours that facts remember, of the last 180 days; reactions to our messages are no visits. Facts know the
    hour by UTC, so where clocks are half an hour off, an hour is that in which the UTC hour began.
    """
    days: dict[int, set[date]] = defaultdict(set)
    for when, _, _ in profile.activity:
        if now - WINDOW < when <= now:
            local = when.astimezone(zone)
            days[local.hour].add(local.date())
    found = [ActiveHour(hour, len(active)) for hour, active in days.items() if len(active) >= ENOUGH_DAYS]
    return tuple(sorted(found, key=lambda one: (-one.days, one.hour))[:BEST])
