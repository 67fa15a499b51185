"""How much a source may send: the quota, and whether a request still fits. Counts come from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict

Limit = Literal["events_per_minute", "events_per_day", "identifiers_per_minute"]
MOST = 1_000_000_000


class Quota(Struct, frozen=True):
    """None is no limit. ``identifiers_per_minute`` bounds identifiers that were not seen lately: people made up by
    whoever reads a public key."""

    events_per_minute: int | None = None
    events_per_day: int | None = None
    identifiers_per_minute: int | None = None

    def as_json(self) -> dict[str, int | None]:
        """As it is stored and shown."""
        return asdict(self)


PUBLIC = Quota(events_per_minute=30_000, identifiers_per_minute=10_000)
"""Of a public source that has none of its own: anybody can read its key. A limit of the day costs a request an hour, so
only who sets one has it."""
UNLIMITED = Quota()
"""Of a trusted source that has none of its own: it is the shop's server, and imports come by it."""


PAUSED = Quota(events_per_minute=0)
"""Of a source that the shop has paused: each request is told to come again with the next minute."""


class Sent(Struct, frozen=True):
    """What a source is known to have sent: in this minute and on this day, by UTC."""

    events_in_minute: int = 0
    events_in_day: int = 0
    identifiers_in_minute: int = 0


class OverQuota(Struct, frozen=True):
    """The limit that is reached, and in how many seconds a request may fit again."""

    limit: Limit
    most: int
    retry_after: int


def over_quota(quota: Quota, sent: Sent, now: datetime) -> OverQuota | None:
    """The limit that a source has reached, if any. A request is taken whole while there is room for one event."""
    if quota.events_per_day is not None and sent.events_in_day >= quota.events_per_day:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return OverQuota("events_per_day", quota.events_per_day, _seconds(midnight - now))
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if quota.events_per_minute is not None and sent.events_in_minute >= quota.events_per_minute:
        return OverQuota("events_per_minute", quota.events_per_minute, _seconds(minute - now))
    if quota.identifiers_per_minute is not None and sent.identifiers_in_minute >= quota.identifiers_per_minute:
        return OverQuota("identifiers_per_minute", quota.identifiers_per_minute, _seconds(minute - now))
    return None


def read_quota(stored: Mapping[str, Any] | None, *, trusted: bool) -> Quota:
    """The quota of a source as stored; without one, that of its trust."""
    if stored is None:
        return UNLIMITED if trusted else PUBLIC
    return Quota(**{name: stored.get(name) for name in Quota.__struct_fields__})


def _seconds(left: timedelta) -> int:
    """Whole seconds, at least one."""
    return max(1, math.ceil(left / timedelta(seconds=1)))
