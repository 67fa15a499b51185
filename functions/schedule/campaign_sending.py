"""Handing a campaign's customers over to the channels' queues, no faster than it may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.timing import MINUTE, next_share, share
from shared.domain.keys import milliseconds, moment
from shared.domain.messages.request import Channel
from shared.ports import Conflict, Queue
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS

TRIES = 5


class CampaignSending:
    """Hands over; what a customer gets twice is sent once, because the message is made of campaign and address."""

    def __init__(self, campaigns: Campaigns, queues: Mapping[Channel, Queue]) -> None:
        self._campaigns = campaigns
        self._queues = queues

    def hand_over(self, campaign: Campaign, homes: Sequence[str], due: datetime) -> None:
        """To the queue of the first channel; notify goes on to the next where that one does not reach."""
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
        for _ in range(TRIES):
            try:
                return self._campaigns.spend(campaign.name, shard, minute, wanted, allowed) if allowed else 0
            except Conflict:
                continue
        raise Conflict("the shard's minute kept changing")

    def next_turn(self, campaign: Campaign, shard: int, now: datetime) -> datetime:
        """The first later minute in which the shard may hand something over."""
        throttle = campaign.definition.throttle
        minute = milliseconds(now) // MINUTE
        if throttle is None:
            return moment((minute + 1) * MINUTE)
        return moment(next_share(throttle.per_minute, SHARDS, shard, minute) * MINUTE)
