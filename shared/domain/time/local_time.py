"""The customer's local time: which zone, and when messages may be sent there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import SendHours, Shop
from shared.domain.profile.profile import Profile

DEVICE_ZONE_GOOD_FOR = timedelta(days=90)
ZONE_TRAITS = ("time_zone", "timezone")
EVERY_DAY = frozenset(range(7))
_STEP = timedelta(hours=1)
_SEARCH = timedelta(days=4)


def zone_of(profile: Profile, shop: Shop, now: datetime) -> ZoneInfo:
    """The trait, else the newest device's within 90 days, else the shop's (docs/definitions.md#time-zone).

    Names that mean no zone are passed over.
    """
    for name in ZONE_TRAITS:
        said = profile.trait(name)
        zone = _zone(said) if isinstance(said, str) else None
        if zone is not None:
            return zone
    if profile.time_zone is not None:
        name, seen_at = profile.time_zone
        zone = _zone(name)
        if zone is not None and now - seen_at < DEVICE_ZONE_GOOD_FOR:
            return zone
    return ZoneInfo(shop.time_zone)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    if not name or len(name) > 64 or name.startswith(("/", ".")):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def permitted(instant: datetime, zone: ZoneInfo, hours: SendHours) -> bool:
    """True if the clock on the wall there shows a time within the hours (start included, end excluded)."""
    return hours.start <= instant.astimezone(zone).time() < hours.end


def next_permitted(instant: datetime, zone: ZoneInfo, hours: SendHours) -> datetime:
    """The first instant at or after ``instant`` at which it is permitted to send there; aware, in UTC.

    Right over changes of the clock: where the start falls into a gap, the hours begin with the gap's end; where the
    clock goes back into the hours, they begin again.
    """
    if permitted(instant, zone, hours):
        return instant.astimezone(UTC)
    local = instant.astimezone(zone)
    ahead = 0 if local.time() < hours.start else 1
    start = _at(local.date() + timedelta(days=ahead), hours, zone)
    if start.astimezone(zone).utcoffset() == local.utcoffset() and permitted(start, zone, hours):
        return start
    return _search(instant.astimezone(UTC), zone, hours)


def last_hour_permitted(instant: datetime, zone: ZoneInfo, hours: SendHours) -> datetime:
    """``instant`` if it is permitted to send then, else an hour before the send hours ended last (their start, if they
    are shorter); aware, in UTC."""
    if permitted(instant, zone, hours):
        return instant.astimezone(UTC)
    last = instant.astimezone(zone).date()
    for back in range(_SEARCH.days):  # a country once left a day out
        day = last - timedelta(days=back)
        end = datetime.combine(day, hours.end, tzinfo=zone).astimezone(UTC)
        found = max(end - _STEP, _at(day, hours, zone))
        if found <= instant and permitted(found, zone, hours):
            return found
    return instant.astimezone(UTC)


def next_local(instant: datetime, zone: ZoneInfo, at: time, weekdays: frozenset[int] = EVERY_DAY) -> datetime:
    """The first instant at or after ``instant`` at which the clock there shows ``at`` on one of these days (0 is
    Monday); aware, in UTC.

    Where the clock skips ``at``, the moment after the gap stands for it; where it shows ``at`` twice, each is one.
    """
    first = instant.astimezone(zone).date()
    for ahead in range(-1, 16):  # a country once left a day out, so the next Friday may be two weeks away
        day = first + timedelta(days=ahead)
        if day.weekday() in weekdays:
            found = [when for when in _shown(day, at, zone) if when >= instant]
            if found:
                return min(found)
    raise ValueError("no day of the week was named")


def on_day(instant: datetime, zone: ZoneInfo, at: time) -> datetime:
    """When the clock there shows ``at`` on the local day of ``instant``: the first time, or after the gap."""
    day = instant.astimezone(zone).date()
    return min(_shown(day, at, zone), default=instant)


def _shown(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the clock shows this; the end of the gap if it skips it on that day; none if the day is
    left out."""
    walls = [datetime.combine(day, at, tzinfo=zone).replace(fold=fold) for fold in (0, 1)]
    instants = [wall.astimezone(UTC) for wall in walls]
    shown = [
        when for when in instants if when.astimezone(zone).replace(tzinfo=None, fold=0) == datetime.combine(day, at)
    ]
    if shown:
        return sorted(set(shown))
    gaps = offset_changes(min(instants) - _STEP, max(instants) + _STEP, zone)
    return [when for when in gaps if when.astimezone(zone).date() == day]


def _at(day: date, hours: SendHours, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hours.start, tzinfo=zone).astimezone(UTC)


def _search(instant: datetime, zone: ZoneInfo, hours: SendHours) -> datetime:
    """Hours can only begin at a start of the day's hours, in either of two folds, or where the clock changes."""
    candidates = list(offset_changes(instant, instant + _SEARCH, zone))
    first = instant.astimezone(zone).date()
    for ahead in range(-1, _SEARCH.days + 1):
        wall = datetime.combine(first + timedelta(days=ahead), hours.start, tzinfo=zone)
        candidates += (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(when for when in candidates if when >= instant and permitted(when, zone, hours))


def offset_changes(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants, to the second, at which the offset from UTC changes."""
    found = []
    low = start
    while low < end:
        high = low + _STEP
        if _offset(low, zone) != _offset(high, zone):
            early, late = low, high
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                early, late = (middle, late) if _offset(middle, zone) == _offset(low, zone) else (early, middle)
            found.append(late.replace(microsecond=0))
        low = high
    return found


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
