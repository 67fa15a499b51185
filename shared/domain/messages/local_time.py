"""The customer's own time: which zone, and when messages may be sent there (definitions 8 and 10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.domain.profile import Profile
from shared.domain.shop import SendHours, Shop

DEVICE_ZONE_FOR = timedelta(days=90)
"""A zone that a device reported is believed so long."""

ZONE_TRAITS = ("time_zone", "timezone")


def zone_of(profile: Profile, shop: Shop, now: datetime) -> ZoneInfo:
    """The trait, else the newest device within 90 days, else the shop's."""
    for name in ZONE_TRAITS:
        zone = _zone(profile.trait(name))
        if zone is not None:
            return zone
    if profile.time_zone is not None and profile.time_zone[1] > now - DEVICE_ZONE_FOR:
        zone = _zone(profile.time_zone[0])
        if zone is not None:
            return zone
    return ZoneInfo(shop.time_zone)


def next_permitted(earliest: datetime, zone: ZoneInfo, hours: SendHours) -> datetime:
    """The first instant from ``earliest`` on that lies in the local send hours; ``earliest`` itself if it does."""
    local = earliest.astimezone(zone)
    if hours.start <= local.time() < hours.end:
        return earliest
    day = local.date() if local.time() < hours.start else local.date() + timedelta(days=1)
    return start_of(day, hours.start, zone)


def start_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time on a local day, in UTC. A time that daylight saving skips is after the gap."""
    return datetime.combine(day, at, zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _zone(name: object) -> ZoneInfo | None:
    return _known(name) if isinstance(name, str) and 0 < len(name) <= 64 else None
