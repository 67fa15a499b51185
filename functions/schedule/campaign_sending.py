"""Hands a campaign's customers over to the queues of the channels, at the permitted speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zlib import crc32

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.timing import MINUTE, next_share, share
from shared.domain.identity.keys import milliseconds, moment, shard_of
from shared.domain.messages.request import Channel, SendRequest
from shared.domain.messages.sending_quota import SendingQuota, campaign_per_minute
from shared.ports import Conflict, PacedQueue, Queue
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS

TRIES = 5
EMAIL: Channel = "email"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turn:
    """When a customer may go, and the minute that is booked for him. ``before``: how many of his shard go before him in
    it; None if he was told the minute earlier."""

    at: datetime
    booked: int
    before: int | None


@dataclass(frozen=True, slots=True)
class EmailPace:
    """Campaigns by e-mail go no faster than SES permits. ``quota``: what SES said last, None if that is not known;
    ``queue``: that of e-mail. ``by_second``: whether each has a second of its own within the minute; not where time is
    moved by hand, because the delays of a queue are real ones."""

    quota: Callable[[], SendingQuota | None]
    queue: PacedQueue
    by_second: bool = True


class CampaignSending:
    """Hands over. A customer who is handed over twice gets one message: its id is made of campaign and address."""

    def __init__(self, campaigns: Campaigns, queues: Mapping[Channel, Queue], pace: EmailPace | None = None) -> None:
        self._campaigns = campaigns
        self._queues = queues
        self._pace = pace

    def hand_over(self, campaign: Campaign, homes: Sequence[str], due: datetime, *, after: int = 0) -> None:
        """Puts requests into the queue of their first channel. Notify tries the next channel if that one does not
        reach. ``after``: customers of the shard who were handed over just before."""
        bodies = [
            campaign.request(home, due).model_dump_json(exclude_none=True, exclude_defaults=True) for home in homes
        ]
        channel, pace = campaign.definition.channels[0], self._pace_of(campaign)
        if channel != EMAIL or pace is None or self._pace is None or not self._pace.by_second or not homes:
            self._queues[channel].send_many(bodies)
            return
        apart = timedelta(minutes=1) / pace  # between two messages of all shards together
        place = after * SHARDS + shard_of(homes[0], SHARDS)
        self._pace.queue.send_paced(bodies, apart * place, apart * SHARDS)

    def hand_over_one(self, campaign: Campaign, request: SendRequest, turn: Turn | None) -> None:
        """Hands over a customer who comes by himself, in a second of his own of the minute of his turn."""
        body = request.model_dump_json(exclude_none=True)
        pace = self._pace_of(campaign)
        if turn is None or request.channel != EMAIL or pace is None or self._pace is None or not self._pace.by_second:
            self._queues[request.own_channel].send_many([body])
            return
        second = timedelta(seconds=crc32(request.home.encode()) % 60)
        if turn.before is not None:
            second = timedelta(minutes=1) / pace * (turn.before * SHARDS + shard_of(request.home, SHARDS))
        self._pace.queue.send_paced([body], second, timedelta())

    def _pace_of(self, campaign: Campaign) -> int | None:
        """What SES's rate leaves for campaigns, in a minute; None if that is not known, or it sends no e-mail."""
        if self._pace is None or EMAIL not in campaign.definition.channels:
            return None
        quota = self._pace.quota()
        return None if quota is None else campaign_per_minute(quota)

    def _per_minute(self, campaign: Campaign) -> int | None:
        """The campaign's own limit, or SES's if that is lower."""
        throttle = campaign.definition.throttle
        limits = [None if throttle is None else throttle.per_minute, self._pace_of(campaign)]
        return min((limit for limit in limits if limit is not None), default=None)

    def granted(self, campaign: Campaign, shard: int, wanted: int, now: datetime) -> int:
        """How many may go now; they count as gone. A worker that dies now wastes them, and never sends too many.

        Raises
        ------
        Conflict
            If other workers of the shard keep counting at the same time.
        """
        most = self._per_minute(campaign)
        if most is None:
            return wanted
        minute = milliseconds(now) // MINUTE
        allowed = share(most, SHARDS, shard, minute)
        if not allowed:
            return 0
        return _tried(lambda: self._campaigns.spend(campaign.name, shard, minute, wanted, allowed))

    def turn(self, campaign: Campaign, home: str, booked: int, now: datetime) -> Turn:
        """When one customer who comes by himself may go; not after ``now`` if it is now. ``booked`` is the minute that
        he was given before: if it is over, he asks again.

        Everybody who was deferred comes back at once, so each is told his minute once: asked minute by minute, they
        would ask as often as the square of their number.

        Raises
        ------
        Conflict
            As ``granted`` does.
        """
        most, minute = self._per_minute(campaign), milliseconds(now) // MINUTE
        if most is None or booked == minute:
            return Turn(now, minute, 0 if most is None else None)
        shard = shard_of(home, SHARDS)
        found, before = _tried(
            lambda: self._campaigns.book(campaign.name, shard, minute, lambda later: share(most, SHARDS, shard, later))
        )
        return Turn(moment(found * MINUTE), found, before)

    def next_turn(self, campaign: Campaign, shard: int, now: datetime) -> datetime:
        """The first later minute in which the shard may hand something over."""
        most = self._per_minute(campaign)
        minute = milliseconds(now) // MINUTE
        if most is None:
            return moment((minute + 1) * MINUTE)
        return moment(next_share(most, SHARDS, shard, minute) * MINUTE)


def _tried(ask: Callable[[], T]) -> T:
    for _ in range(TRIES):
        try:
            return ask()
        except Conflict:
            continue
    raise Conflict("the shard's minute kept changing")
