"""Frequency caps: how many messages a person gets, whatever journeys want (docs/definitions.md#caps).

A cap is named after a purpose (``marketing``) or a channel (``sms``). What it counts are units: one step of one
enrollment, whatever channels it took. The root's item ``sends`` holds the reservations of the last days; a message
reserves by the item's version before the provider is called, so two messages never take the same last place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.definitions.shop import Cap
from shared.domain.messages.evidence import MOST, Evidence, item
from shared.domain.messages.message import Reason

WEEK = timedelta(days=7)
KEPT = timedelta(days=9)
"""How long a reservation is kept: a rolling week, and a local day in any zone."""


class Place(Struct, frozen=True):
    """``unit`` counted under ``tag`` (a purpose or a channel), taken at ``at`` by the message on ``channel``.

    ``message``: its id, kept once per unit, so that who is told "not today" learns which message took the place.
    """

    unit: str
    tag: str
    at: datetime
    channel: str
    message: str = ""


Reservations = frozenset[Place]


class Capped(Struct, frozen=True):
    """No place now under ``tag``. ``until`` is the first instant at which there is one, or None if the cap is zero.
    ``found``: the newest messages that took the places;
    two are equal whatever it holds."""

    reason: Reason
    until: datetime | None
    tag: str = ""
    found: Evidence = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Capped):
            return NotImplemented
        return (self.reason, self.until, self.tag) == (other.reason, other.until, other.tag)

    def __hash__(self) -> int:
        return hash((self.reason, self.until, self.tag))


def check(
    taken: Iterable[Place], caps: Mapping[str, Cap], unit: str, tags: Iterable[str], now: datetime, zone: ZoneInfo
) -> Capped | None:
    """None if ``unit`` has or finds a place under every one of its tags; else the cap that holds it up longest."""
    places = list(taken)
    found: Capped | None = None
    for tag in tags:
        cap = caps.get(tag)
        if cap is None or any(place.unit == unit and place.tag == tag for place in places):
            continue
        earliest = _first_times(place for place in places if place.tag == tag)
        for capped in (_daily(earliest, cap, now, zone), _weekly(earliest, cap, now)):
            if capped is not None and (found is None or _later(capped, found)):
                found = replace(capped, tag=tag)
    return None if found is None else replace(found, found=_takers(places, found.tag))


def check_personal(taken: Iterable[Place], one_in_days: int, unit: str, tag: str, now: datetime) -> Capped | None:
    """None if the customer wants no limit, or the last message under ``tag`` is so many days old (each of 24 hours)."""
    places = [place for place in taken if place.tag == tag]
    if not one_in_days or any(place.unit == unit for place in places):
        return None
    window = timedelta(days=one_in_days)
    recent = [at for at in _first_times(places) if at > now - window]
    if not recent:
        return None
    return Capped(Reason.PERSONAL_CAP, recent[-1] + window, tag, _takers(list(taken), tag))


def _takers(places: list[Place], tag: str) -> Evidence:
    """The newest units under this tag, each with the message that took the place."""
    messages = {place.unit: place.message for place in places if place.message}
    newest = sorted((place for place in places if place.tag == tag), key=lambda place: place.at, reverse=True)
    units = {place.unit: place for place in reversed(newest)}
    takers = sorted(units.values(), key=lambda place: place.at, reverse=True)[:MOST]
    return tuple(item("message", messages.get(one.unit, ""), one.at, channel=one.channel) for one in takers)


def reserve(
    taken: Iterable[Place],
    unit: str,
    tags: Iterable[str],
    channel: str,
    now: datetime,
    message: str = "",
    *,
    one_in_days: int = 0,
) -> Reservations:
    """The reservations with the places of this message; a unit that has a place keeps it. Old ones are dropped.

    ``one_in_days``: the limit that the customer chose, which may ask about more days.
    """
    since = now - max(KEPT, timedelta(days=one_in_days))
    kept = {place for place in taken if place.at > since}
    has = {place.tag for place in kept if place.unit == unit}
    missing = [tag for tag in tags if tag not in has]
    told = any(place.unit == unit and place.message for place in kept)
    named = {tag: "" if told or number else message for number, tag in enumerate(missing)}
    return frozenset(kept | {Place(unit, tag, now, channel, named[tag]) for tag in missing})


def release(taken: Iterable[Place], unit: str, channel: str) -> Reservations:
    """Without the places that the message of this unit on this channel took: it definitely did not go out."""
    return frozenset(place for place in taken if (place.unit, place.channel) != (unit, channel))


def _first_times(places: Iterable[Place]) -> list[datetime]:
    """When each unit took its place, sorted. A unit that merged roots both hold counts once, from the earlier."""
    first: dict[str, datetime] = {}
    for place in places:
        first[place.unit] = min(place.at, first.get(place.unit, place.at))
    return sorted(first.values())


def _daily(times: list[datetime], cap: Cap, now: datetime, zone: ZoneInfo) -> Capped | None:
    if cap.per_local_day is None:
        return None
    today = now.astimezone(zone).date()
    if sum(at.astimezone(zone).date() == today for at in times) < cap.per_local_day:
        return None
    tomorrow = datetime.combine(today + timedelta(days=1), time(0), zone).astimezone(UTC)
    return Capped(Reason.DAILY_CAP, tomorrow if cap.per_local_day else None)


def _weekly(times: list[datetime], cap: Cap, now: datetime) -> Capped | None:
    if cap.per_7d is None:
        return None
    recent = [at for at in times if at > now - WEEK]
    if len(recent) < cap.per_7d:
        return None
    return Capped(Reason.WEEKLY_CAP, recent[len(recent) - cap.per_7d] + WEEK if cap.per_7d else None)


def _later(one: Capped, other: Capped) -> bool:
    return other.until is not None and (one.until is None or one.until > other.until)
