"""What SES permits the account, and how much of it commercial e-mail may use (docs/messages.md#quota-of-ses)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

ASKED_EVERY = timedelta(minutes=5)
"""How often SES is asked, by all workers together."""
BELIEVED_FOR = timedelta(minutes=15)
"""After so long without an answer the quota holds nothing back: SES itself says no then."""
DAY = timedelta(hours=24)
KEPT_PERCENT = 10
"""Of a day's quota, for messages that need no consent."""
PACE_PERCENT = 80
"""Of the rate per second, for campaigns; the rest is for everything else."""


class SendingQuota(Struct, frozen=True):
    """What SES said at ``at``. ``per_day``: messages in any 24 hours, None without a limit; ``sent``: those of the last
    24 hours, whoever in the account sent them; ``production``: False in the sandbox; ``enabled``: whether SES sends."""

    at: datetime
    per_day: int | None
    per_second: int
    sent: int = 0
    production: bool = True
    enabled: bool = True


def is_believed(quota: SendingQuota, now: datetime) -> bool:
    return timedelta() <= now - quota.at < BELIEVED_FOR


def is_due(asked: datetime | None, now: datetime) -> bool:
    """Whether SES is to be asked, if it was last asked then. A clock that was put back asks too."""
    return asked is None or not timedelta() <= now - asked < ASKED_EVERY


def commercial_room(quota: SendingQuota) -> int | None:
    """How many commercial messages may follow this reading; None if nothing has to be counted.

    As long as SES's rate lets fewer messages through than the day has room for, until the next readings, no message
    can go beyond the day.

    >>> at = datetime(2026, 11, 30)
    >>> commercial_room(SendingQuota(at, 200, 1)), commercial_room(SendingQuota(at, 50_000, 14, 44_000))
    (180, 1000)
    >>> commercial_room(SendingQuota(at, 50_000, 14)), commercial_room(SendingQuota(at, None, 14))
    (None, None)
    """
    if not quota.enabled:
        return 0
    if quota.per_day is None:
        return None
    room = max(0, commercial_per_day(quota.per_day) - quota.sent)
    return None if room > quota.per_second * BELIEVED_FOR.total_seconds() else room


def commercial_per_day(per_day: int) -> int:
    """
    >>> commercial_per_day(200), commercial_per_day(1)
    (180, 1)
    """
    return per_day - per_day * KEPT_PERCENT // 100


def commercial_per_hour(quota: SendingQuota, hours: int = 24) -> int:
    """How many wait for one later hour, if messages go out in so many hours of a day: what is free after a full day
    comes back as slowly as it was used, at worst.

    >>> commercial_per_hour(SendingQuota(datetime(2026, 11, 30), 50_000, 14), 11)
    4090
    """
    return max(1, commercial_per_day(quota.per_day or 0) // hours)


def campaign_per_minute(quota: SendingQuota) -> int:
    """How many messages of a campaign are handed over in a minute.

    >>> campaign_per_minute(SendingQuota(datetime(2026, 11, 30), 50_000, 14))
    672
    """
    return max(1, quota.per_second * 60 * PACE_PERCENT // 100)
