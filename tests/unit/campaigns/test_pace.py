"""A campaign by e-mail keeps to the rate of SES: by minute, and second by second within it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.schedule.campaign_sending import EmailPace
from functions.schedule.campaign_timers import CampaignTimers
from shared.domain.messages.sending_quota import SendingQuota, campaign_per_minute
from tests.support.cases import UNIT
from tests.unit.campaigns.world import START, PlainQueue, Store, local

pytestmark = UNIT

MINUTE = timedelta(minutes=1)


@dataclass
class Paced(PlainQueue):
    """Notes when each text is read at the earliest; then it is a queue as the others."""

    store: Store | None = None
    read_at: list[datetime] = field(default_factory=list)

    def send_paced(self, bodies: Sequence[str], first: timedelta, every: timedelta) -> None:
        assert self.store is not None
        self.read_at += [self.store.clock.time + first + place * every for place in range(len(bodies))]
        self.bodies.extend(bodies)


def paced(quota: SendingQuota | None, *, by_second: bool = True) -> tuple[Store, Paced]:
    store = Store()
    queue = Paced(store=store)
    store.queues["email"] = queue
    store.campaign_timers = CampaignTimers(
        store.campaigns, store.store, store.releases, store.timers, store.queues, store.work,
        EmailPace(lambda: quota, queue, by_second),
    )  # fmt: skip
    firer: Any = store.schedule.firer
    firer._campaigns = store.campaign_timers
    return store, queue


QUOTA = SendingQuota(START, 50_000, 2)


def test_every_minute_and_second_keeps_to_the_rate() -> None:
    """Three hundred customers, two messages a second: 96 in a minute, and never more than the rate in a second but for
    where two minutes meet."""
    store, queue = paced(QUOTA)
    store.people(300)
    store.plan()
    store.until(local(11), settle=True)
    assert len(store.addresses) == len(queue.read_at) == 300
    most = campaign_per_minute(QUOTA)
    assert most == 96
    by_tick = Counter(at.replace(second=0, microsecond=0) for _, at in store.sender.sent)
    assert max(by_tick.values()) <= most
    seconds = Counter(at.replace(microsecond=0) for at in queue.read_at)
    assert max(seconds.values()) <= 2 * QUOTA.per_second


def test_where_time_is_moved_by_hand_only_minutes_are_kept() -> None:
    """On this machine a second of the campaign is no second of the queue."""
    store, queue = paced(QUOTA, by_second=False)
    store.people(200)
    store.plan()
    store.until(local(11), settle=True)
    assert (len(store.addresses), queue.read_at) == (200, [])
    assert max(Counter(at.replace(second=0, microsecond=0) for _, at in store.sender.sent).values()) <= 96


def test_a_lower_throttle_of_the_campaign_holds() -> None:
    """The smaller of both; a higher one does not lift SES's."""
    for own, most in ((10, 10), (5_000, 96)):
        store, _ = paced(QUOTA)
        store.people(120)
        store.plan(throttle={"per_minute": own})
        store.until(local(10, 31), settle=True)
        assert most // 2 <= len(store.addresses) <= most


def test_without_a_word_of_ses_nothing_is_paced() -> None:
    """Before the first reading, and for campaigns without e-mail."""
    for quota, more in ((None, {}), (QUOTA, {"channels": ["sms"]})):
        store, queue = paced(quota)
        store.people(200)
        store.plan(**more)
        store.until(local(10, 31), settle=False)
        bodies, store.work.bodies = store.work.bodies, []
        assert store.worker(bodies) == []
        assert queue.read_at == []
        assert sum(len(one.bodies) for one in store.queues.values()) == 200


def test_who_comes_back_in_a_crowd_has_a_second_of_his_own() -> None:
    """Deferred overnight, the rest comes back in the morning: the rate of the minute, spread over its seconds."""
    store, queue = paced(SendingQuota(START, 50_000, 1))
    store.people(160)
    store.plan(at="2026-11-24T19:58", fresh_for="24h")
    store.until(local(20, 30), settle=True)
    waiting = 160 - len(store.addresses)
    assert waiting > 0
    queue.read_at.clear()
    store.until(local(34), settle=True)
    assert len(store.addresses) == 160
    morning = [at for _, at in store.sender.sent if at >= local(33)]
    assert max(Counter(at.replace(second=0, microsecond=0) for at in morning).values()) <= 48
    assert len({at.second for at in queue.read_at}) > len(queue.read_at) // 3
