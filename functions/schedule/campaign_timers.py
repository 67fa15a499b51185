"""Fires the timers of campaigns: the start, the walk of each shard, groups of one local time, single customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.schedule.campaign_sending import CampaignSending, EmailPace
from functions.schedule.campaign_walk import WATCH, CampaignWalk
from functions.schedule.timer_batches import batch_bodies
from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.timer_names import GROUP, ONE, START, WALK, home_of, name_of, read_one
from shared.domain.identity.keys import moment
from shared.domain.messages.request import TEST_RUN, Channel
from shared.ports import Queue
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timer, Timers

HOLD = timedelta(minutes=10)
"""How long everything is put off while the global stop is on."""
GRACE = timedelta(minutes=10)
"""How long a start without a campaign is kept: it is armed before the campaign is written."""


class CampaignTimers:
    """Every method may be repeated at any point. A timer is deleted when everything that follows from it is stored."""

    def __init__(
        self,
        campaigns: Campaigns,
        customers: CustomerStore,
        releases: Releases,
        timers: Timers,
        queues: Mapping[Channel, Queue],
        work: Queue,
        pace: EmailPace | None = None,
    ) -> None:
        self._campaigns = campaigns
        self._timers = timers
        self._work = work
        self._sending = CampaignSending(campaigns, queues, pace)
        self._walk = CampaignWalk(campaigns, customers, releases, timers, self._sending)

    def fire(self, timer: Timer, now: datetime, *, held: bool) -> int:
        """Acts on one timer and returns how many messages were handed over at least.

        Raises
        ------
        Conflict, Throttled
            Fire it again.
        """
        if timer.ref.startswith(ONE):
            return self._one(timer, now)
        name, shard = name_of(timer.home)
        campaign = self._campaigns.get(name)
        if campaign is None and now - timer.due < GRACE:
            return 0
        handed = 0
        if campaign is not None and campaign.cancelled_at is None:
            if held:
                self._arm_again(timer, now + HOLD, timer.revision)
            elif timer.ref == START:
                self._begin(campaign, now)
            elif timer.ref.startswith(WALK):
                self._go_on(campaign, shard, timer, now)
            elif timer.ref.startswith(GROUP):
                handed = self._group(campaign, shard, timer, now)
            else:
                raise LookupError("a campaign has no such timer")
        self._timers.delete(timer)
        return handed

    def _begin(self, campaign: Campaign, now: datetime) -> None:
        """All shards at once, each by a worker; its timer is there in case that the worker never gets it.

        Before its time nothing begins: the timer is then of another scheduling, which never came to be a campaign.
        """
        if now < campaign.begins:
            return
        self._arm_walks([(shard, 0) for shard in range(SHARDS)], campaign, now)

    def _go_on(self, campaign: Campaign, shard: int, timer: Timer, now: datetime) -> None:
        following = self._walk.go(campaign, shard, timer.revision, now)
        if following is None:
            return
        again, revision = following
        if again > now:
            self._arm_again(timer, again, revision)
        else:
            self._arm_walks([(shard, revision)], campaign, now)

    def _arm_again(self, timer: Timer, due: datetime, revision: int) -> None:
        """Arms under another key than that of the timer that is deleted next: a worker may hold that one for long."""
        arming = Arming("journey", due, timer.home, timer.ref, revision)
        if self._timers.armed(arming).sk == timer.sk:
            arming = arming._replace(due=due + timedelta(milliseconds=1))
        self._timers.arm_many([arming])

    def _arm_walks(self, walks: list[tuple[int, int]], campaign: Campaign, now: datetime) -> None:
        armings = [
            Arming("journey", now + WATCH, home_of(campaign.name, shard), f"{WALK}{shard}", revision)
            for shard, revision in walks
        ]
        self._timers.arm_many(armings)
        armed = [self._timers.armed(arming) for arming in armings]
        self._work.send_many(body for timer in armed for body in batch_bodies(timer.pk, [timer]))

    def _group(self, campaign: Campaign, shard: int, timer: Timer, now: datetime) -> int:
        """A group waits until its page is saved: handed over before, it would come into being once more if the walk's
        worker died. What is stale waits for nothing."""
        group = self._campaigns.group(campaign.name, timer.ref)
        if group is None:
            return 0
        fresh = now < group.due + campaign.definition.fresh_for
        if fresh and not group.written_before(self._campaigns.walk(campaign.name, shard)):
            self._arm_again(timer, now + WATCH, timer.revision)
            return 0
        granted = self._sending.granted(campaign, shard, len(group.homes), now)
        rest = group
        if granted:
            self._sending.hand_over(campaign, group.homes[:granted], group.due)
            after = self._campaigns.shrink(campaign.name, group, granted)
            if after is None:
                return granted
            rest = after
        turn = self._sending.next_turn(campaign, shard, now)
        self._arm_again(timer, turn, rest.version)
        return granted

    def _one(self, timer: Timer, now: datetime) -> int:
        """A test, or a message that was deferred: it keeps to the throttle like the others. Of a cancelled campaign it
        goes to notify as well, which skips it, so that the ledger has a last word."""
        name, due_ms, run = read_one(timer.ref)
        test = run.startswith(TEST_RUN)
        campaign = self._campaigns.get_test(name, run) if test else self._campaigns.get(name)
        turn = None
        if campaign is not None and campaign.cancelled_at is None and not test:
            turn = self._sending.turn(campaign, timer.home, timer.revision, now)
            if turn.at > now:
                self._arm_again(timer, turn.at, turn.booked)
                self._timers.delete(timer)
                return 0
        if campaign is not None:
            request = campaign.request(timer.home, moment(due_ms), run)
            self._sending.hand_over_one(campaign, request, turn)
        self._timers.delete(timer)
        return int(campaign is not None)
