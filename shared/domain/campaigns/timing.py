"""When a campaign begins, when each customer is due, and how many may go in a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.definitions.shop import Shop

EASTERNMOST = timedelta(hours=14)
"""Nobody's clock is further ahead of UTC than on Kiribati's Line Islands."""
WESTERNMOST = timedelta(hours=12)
"""Nobody's is further behind than a ship's or an uninhabited island's."""
MINUTE = 60_000


def begins(definition: CampaignDefinition, shop: Shop, now: datetime) -> datetime:
    """When the first customer can be due; customers are looked up from then on."""
    if definition.wall is None:
        return definition.instant or now
    if definition.local_time:
        return definition.wall.replace(tzinfo=UTC) - EASTERNMOST
    return on_the_wall(definition.wall, ZoneInfo(shop.time_zone))


def due(definition: CampaignDefinition, begun: datetime, zone: ZoneInfo) -> datetime:
    """When a customer in this zone is due. A function of the definition alone, so that repeating changes nothing."""
    if definition.local_time and definition.wall is not None:
        return on_the_wall(definition.wall, zone)
    return begun


def on_the_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock there shows this, the first of two; where it is left out, as much later as the
    clock was put on."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def share(per_minute: int, shards: int, shard: int, minute: int) -> int:
    """How many a shard may hand over in this minute.

    All shards together have exactly ``per_minute``, without asking each other; what does not divide goes round.

    >>> [share(5, 4, shard, minute=0) for shard in range(4)], [share(5, 4, shard, minute=1) for shard in range(4)]
    ([2, 1, 1, 1], [1, 1, 1, 2])
    """
    each, rest = divmod(per_minute, shards)
    return each + (1 if (shard + minute * rest) % shards < rest else 0)


def next_share(per_minute: int, shards: int, shard: int, minute: int) -> int:
    """The first minute after this one in which the shard may hand something over."""
    return next(
        later for later in range(minute + 1, minute + 1 + shards) if share(per_minute, shards, shard, later) > 0
    )
