"""Each customer at the same time of his own clock: looked up once, handed over when it comes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.campaigns.world import START, Store

pytestmark = pytest.mark.unit

MORNING = "2026-12-01T10:00"
ZONES = {
    "Pacific/Auckland": datetime(2026, 11, 30, 21, tzinfo=UTC),
    "Asia/Kathmandu": datetime(2026, 12, 1, 4, 15, tzinfo=UTC),
    "Europe/Istanbul": datetime(2026, 12, 1, 7, tzinfo=UTC),
    "America/New_York": datetime(2026, 12, 1, 15, tzinfo=UTC),
    "": datetime(2026, 12, 1, 7, tzinfo=UTC),  # unknown: the shop's
}


def crowd(each: int) -> Store:
    store = Store()
    for place, zone in enumerate(ZONES):
        store.people(each, first=place * 100, zone=zone)
    return store


def test_everybody_gets_it_at_ten_by_his_own_clock() -> None:
    """Five zones, one of them with a quarter of an hour, one unknown: once each, at 10:00 there."""
    store = crowd(6)
    planned = store.plan(at=MORNING, local_time=True)
    assert planned["begins"].startswith("2026-11-30T20:00")  # when the first clock on earth shows ten
    store.until(datetime(2026, 12, 3, tzinfo=UTC))
    found = dict(store.sender.sent)
    assert len(store.sender.sent) == len(found) == 6 * len(ZONES)
    for place, due in enumerate(ZONES.values()):
        assert {found[f"p{n}@example.com"] for n in range(place * 100, place * 100 + 6)} == {due}
    shown = store.shown()
    assert (shown["state"], shown["waiting"], shown["handed_over"]) == ("done", 0, 30)


def test_who_waits_is_shown_and_gets_none_after_a_cancel() -> None:
    """New York still sleeps when the campaign is cancelled."""
    store = crowd(4)
    store.plan(at=MORNING, local_time=True)
    store.until(datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert (store.shown()["waiting"], len(store.addresses)) == (4, 16)
    store.ask("POST", "spring-sale", "cancel", body={})
    store.until(datetime(2026, 12, 3, tzinfo=UTC))
    assert len(store.addresses) == 16
    assert store.next_due() is None


def test_a_throttle_holds_where_many_are_due_at_one_instant() -> None:
    """Sixty in one zone, twenty a minute: three minutes or more, never above it."""
    store = Store()
    store.people(60, zone="Europe/Istanbul")
    store.plan(at=MORNING, local_time=True, throttle={"per_minute": 20})
    store.until(datetime(2026, 12, 3, tzinfo=UTC))
    minutes = Counter(at.replace(second=0, microsecond=0) for _, at in store.sender.sent)
    assert sum(minutes.values()) == 60
    assert max(minutes.values()) <= 20
    assert min(minutes) == ZONES["Europe/Istanbul"]


def test_whose_hour_is_over_when_it_is_scheduled_gets_it_if_it_is_still_fresh() -> None:
    """At 10:00 in Istanbul for 10:30: Auckland's 10:30 was nine and a half hours ago."""
    for fresh_for, reached in (("24h", ["p0@example.com", "p100@example.com"]), ("6h", ["p100@example.com"])):
        store = Store()
        store.people(1, zone="Pacific/Auckland")
        store.people(1, first=100, zone="Europe/Istanbul")
        store.plan(at="2026-11-24T10:30", local_time=True, fresh_for=fresh_for)
        store.until(START + timedelta(days=2))
        assert sorted(store.addresses) == reached
