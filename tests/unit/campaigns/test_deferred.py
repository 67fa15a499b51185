"""What was deferred comes back by itself: no faster than the throttle, and not after a cancel."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory import MemoryTable
from shared.domain.campaigns.timing import share
from shared.stores.campaigns import Campaigns
from tests.support.cases import UNIT, cases
from tests.unit.campaigns.world import Store, local
from tests.unit.ingest.world import ADMIN_KEY, http_event

pytestmark = UNIT


def test_who_was_deferred_overnight_keeps_to_the_throttle() -> None:
    """Sixty at ten a minute from two minutes before the night: forty wait until nine, and ten a minute go then. Each is
    told his minute once: no more timers are armed than for that."""
    store = Store()
    store.people(60)
    store.plan(at="2026-11-24T19:58", throttle={"per_minute": 10}, fresh_for="24h")
    store.until(local(33))
    writes = store.ingest.timers.usage.by_operation["put_many"]
    store.until(local(48))
    minutes = Counter(at.replace(second=0, microsecond=0) for _, at in store.sender.sent)
    assert len(set(store.addresses)) == sum(minutes.values()) == 60
    assert max(minutes.values()) <= 10
    assert store.ingest.timers.usage.by_operation["put_many"] - writes <= 40
    assert (store.shown()["state"], store.shown()["open"]) == ("done", 0)


@given(
    most=st.integers(1, 40),
    asked=st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 9)), max_size=40),
)
@cases(60)
def test_no_minute_has_more_than_its_share(most: int, asked: list[tuple[int, bool, int]]) -> None:
    """Walks that take many, customers who book a turn, workers whose minute is over by now, in any order."""
    campaigns = Campaigns(MemoryTable())
    used: Counter[int] = Counter()
    for minute, books, wanted in asked:
        if books:
            turn, _ = campaigns.book("sale", 3, minute, lambda later: share(most, 16, 3, later))
            assert turn >= minute
            used[turn] += 1
        elif share(most, 16, 3, minute):
            used[minute] += campaigns.spend("sale", 3, minute, wanted, share(most, 16, 3, minute))
    assert all(amount <= share(most, 16, 3, minute) for minute, amount in used.items())


def test_what_was_cancelled_cannot_be_switched_on_again() -> None:
    """Its messages wait for the morning; the switch of a campaign is no journey's, and they end as cancelled."""
    store = Store()
    store.people(2)
    store.plan(at="2026-11-24T20:30")
    store.until(local(21))
    assert store.shown()["open"] == 2
    store.ask("POST", "spring-sale", "cancel", body={})
    headers = {"authorization": f"Bearer {ADMIN_KEY}"}
    resumed = http_event("PUT", "/v1/journeys/@spring-sale/state", {"state": "running"}, headers)
    assert store.ingest.send(resumed)[0] == 404
    store.until(local(48))
    assert store.addresses == []
    shown = store.shown()
    assert (shown["state"], shown["outcomes"], shown["open"]) == ("cancelled", {"campaign_cancelled": 2}, 0)
