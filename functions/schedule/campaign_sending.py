"""Hands a campaign's customers over to the queues of the channels, at the permitted speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.timing import MINUTE, next_share, share
from shared.domain.identity.keys import milliseconds, moment, shard_of
from shared.domain.messages.request import Channel
from shared.ports import Conflict, Queue
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS

TRIES = 5


class CampaignSending:
    """Hands over. A customer who is handed over twice gets one message: its id is made of campaign and address."""

    def __init__(self, campaigns: Campaigns, queues: Mapping[Channel, Queue]) -> None:
        self._campaigns = campaigns
        self._queues = queues

    def hand_over(self, campaign: Campaign, homes: Sequence[str], due: datetime) -> None:
        """Puts requests into the queue of their first channel. Notify tries the next channel if that one does not
        reach."""
        requests = (
            campaign.request(home, due).model_dump_json(exclude_none=True, exclude_defaults=True) for home in homes
        )
        self._queues[campaign.definition.channels[0]].send_many(requests)

    def granted(self, campaign: Campaign, shard: int, wanted: int, now: datetime) -> int:
        """How many may go now; they count as gone. A worker that dies now wastes them, and never sends too many.

        Raises
        ------
        Conflict
            If other workers of the shard keep counting at the same time.
        """
        throttle = campaign.definition.throttle
        if throttle is None:
            return wanted
        minute = milliseconds(now) // MINUTE
        allowed = share(throttle.per_minute, SHARDS, shard, minute)
        if not allowed:
            return 0
        return _tried(lambda: self._campaigns.spend(campaign.name, shard, minute, wanted, allowed))

    def turn(self, campaign: Campaign, home: str, booked: int, now: datetime) -> tuple[datetime, int]:
        """When one customer who comes by himself may go, and the minute that is booked for him; not after ``now`` if it
        is now. ``booked`` is the minute that he was given before: if it is over, he asks again.

        Everybody who was deferred comes back at once, so each is told his minute once: asked minute by minute, they
        would ask as often as the square of their number.

        Raises
        ------
        Conflict
            As ``granted`` does.
        """
        throttle, minute = campaign.definition.throttle, milliseconds(now) // MINUTE
        if throttle is None or booked == minute:
            return now, minute
        most, shard = throttle.per_minute, shard_of(home, SHARDS)
        found = _tried(
            lambda: self._campaigns.book(campaign.name, shard, minute, lambda later: share(most, SHARDS, shard, later))
        )
        return moment(found * MINUTE), found

    def next_turn(self, campaign: Campaign, shard: int, now: datetime) -> datetime:
        """The first later minute in which the shard may hand something over."""
        throttle = campaign.definition.throttle
        minute = milliseconds(now) // MINUTE
        if throttle is None:
            return moment((minute + 1) * MINUTE)
        return moment(next_share(throttle.per_minute, SHARDS, shard, minute) * MINUTE)


def _tried(ask: Callable[[], int]) -> int:
    for _ in range(TRIES):
        try:
            return ask()
        except Conflict:
            continue
    raise Conflict("the shard's minute kept changing")
