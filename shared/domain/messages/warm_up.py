"""How many commercial messages a new sender may send in a day, and who of a campaign comes first (docs/messages.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.definitions.warm_up import WarmUp
from shared.domain.profile.profile import Profile

LIVELY = timedelta(days=30)
KNOWN = timedelta(days=90)
HEAD_START = timedelta(hours=1)
"""So much later come those who did less, while the day's messages are counted."""
LARGEST_BLOCK = 50
WAITING_PERCENT = 90
"""Of a later day's volume, for messages that wait; the rest is for what comes new on that day."""
SMALLEST_SHARE = 100
"""A worker reserves at most this part of a day at once."""


def day_of(now: datetime, zone: ZoneInfo) -> date:
    """The day of the shop's calendar."""
    return now.astimezone(zone).date()


def daily_limit(warm_up: WarmUp | None, day: date) -> int | None:
    """The volume of a day of the shop's calendar; None if there is no limit. Before the start it is the first day's."""
    if warm_up is None:
        return None
    place = max(0, (day - warm_up.started).days)
    return warm_up.daily[place] if place < len(warm_up.daily) else None


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day of the shop's calendar."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def most_waiting(warm_up: WarmUp | None, day: date) -> int | None:
    """How many messages may wait for a later day; None if that day has no limit."""
    limit = daily_limit(warm_up, day)
    return None if limit is None else max(1, limit * WAITING_PERCENT // 100)


def block_of(limit: int) -> int:
    """How many messages a worker reserves at once: a hundredth of the day, from 1 to 50."""
    return max(1, min(LARGEST_BLOCK, limit // SMALLEST_SHARE))


def granted(limit: int, block: int, reserved: int) -> int:
    """How many of a block may be sent, if ``reserved`` is the count after it was added: none beyond the limit."""
    return max(0, min(block, limit - (reserved - block)))


def head_start(profile: Profile, now: datetime) -> timedelta:
    """How long a customer of a campaign lets others go first: who clicked or ordered in 30 days comes at once, who did
    or opened something in 90 days an hour later, everybody else two hours later."""
    acted = [order.at for order in profile.orders]
    acted += [one.at for one in profile.engagement.reactions if not one.machine and one.what in ("clicked", "tapped")]
    if any(now - at < LIVELY for at in acted):
        return timedelta()
    looked = [one.at for one in profile.engagement.reactions if not one.machine]
    return HEAD_START if any(now - at < KNOWN for at in (*acted, *looked)) else 2 * HEAD_START
