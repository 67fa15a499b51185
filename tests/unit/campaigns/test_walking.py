"""Walking a shard goes on and leaves nobody out: workers die, batches come twice, members return or are unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from functions.schedule.campaign_walk import PAGE
from shared.domain.campaigns.campaign import Walk
from shared.domain.identity.keys import time_text
from shared.stores.campaigns import Campaigns
from tests.unit.campaigns.world import SALE, START, Store, local, numbers_in

pytestmark = pytest.mark.unit


class Killed(BaseException):
    """The environment dies here."""


def test_a_chain_outlives_a_pack_that_came_twice_and_a_death(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers have the same batch; the second loses the race for the page, then the first is killed."""
    store = Store()
    for n in numbers_in(3, PAGE + 10):
        store.person(n, email=f"p{n}@example.com")
    store.plan()
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    batches, store.work.bodies = store.work.bodies, []
    [batch] = [one for one in batches if "walk#3" in one]
    put, read = Campaigns.put_walk, Campaigns.walk

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        monkeypatch.setattr(Campaigns, "put_walk", put)
        after = put(self, name, walk)
        monkeypatch.setattr(Campaigns, "walk", lambda *_: Walk(3))  # the second one read it before
        store.worker([batch])
        monkeypatch.setattr(Campaigns, "walk", read)
        assert after.walked == PAGE
        raise Killed

    monkeypatch.setattr(Campaigns, "put_walk", put_walk)
    with pytest.raises(Killed):
        store.worker([batch])
    store.worker([one for one in batches if one is not batch])
    store.settle()
    store.until(local(12))
    assert len(set(store.addresses)) == len(store.addresses) == PAGE + 10
    assert store.shown()["state"] == "done"


def comes_back(store: Store, shard: int, home: str) -> Callable[[Campaigns, str, Walk], Walk]:
    """``put_walk`` during which the customer leaves the segment and comes back, once: a later page finds him again."""
    put = Campaigns.put_walk
    done: list[str] = []

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        after = put(self, name, walk)
        if walk.shard == shard and not done:
            done.append(home)
            store.store.delete_member(home, "high-value")
            store.store.put_member(home, "high-value", time_text(store.clock.time))
        return after

    return put_walk


def test_a_member_who_comes_back_takes_nobody_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of the first page live in Kathmandu. The first of them leaves and comes back: on the second page he is the
    first of his zone again, and the nine wait for their hour all the same."""
    store = Store()
    numbers = numbers_in(3, PAGE + 10)
    for place, n in enumerate(numbers):
        store.person(n, email=f"p{n}@example.com", zone="Asia/Kathmandu" if place < 10 else "Europe/Istanbul")
    first = store.store.members_page("high-value", 3, limit=1).items[0]["pk"]
    store.plan(at="2026-12-01T10:00", local_time=True)
    monkeypatch.setattr(Campaigns, "put_walk", comes_back(store, 3, first))
    store.until(datetime(2026, 12, 3, tzinfo=UTC))
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in numbers}


def test_a_customer_who_cannot_be_read_ends_nobody_else_s_walk() -> None:
    """Facts in a format of another release, as during a rollout: the others of his shard get it, in the sample they are
    looked at without him."""
    store = Store()
    keys = [store.person(n, email=f"p{n}@example.com", zone="Europe/Istanbul") for n in numbers_in(3, 3)]
    facts = store.customers.get(keys[0], "facts")
    assert facts is not None
    store.customers.put({**facts, "data": b"\x00from the future"})
    store.unreadable.add(keys[0])
    _, checked = store.ask("POST", "check", body={"definition": SALE})
    assert (checked["reach"]["members"], checked["reach"]["sample"]) == (3, 2)
    store.plan(at="2026-12-01T10:00", local_time=True)
    store.until(datetime(2026, 12, 3, tzinfo=UTC))
    assert len(store.addresses) == 2
    assert (store.shown()["state"], store.shown()["handed_over"], store.failures.bodies) == ("done", 3, [])


def test_a_group_is_handed_over_once_though_its_page_was_written_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour is over, so the groups are due at once; their workers die before the page is saved."""
    store = Store()
    store.people(20, zone="Asia/Kathmandu")
    store.plan(at="2026-11-24T10:30", local_time=True)
    put, died = Campaigns.put_walk, Counter[int]()

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        if walk.walked and died[walk.shard] < 2:  # a worker tries twice by itself
            died[walk.shard] += 1
            raise OSError("killed")
        return put(self, name, walk)

    monkeypatch.setattr(Campaigns, "put_walk", put_walk)
    store.tick()
    batches, store.work.bodies = store.work.bodies, []
    for body in batches:
        store.worker([body])
    store.clock.time += timedelta(minutes=1)
    store.tick()
    store.settle()
    store.until(START + timedelta(hours=2))
    shown = store.shown()
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in range(20)}
    assert (shown["state"], shown["handed_over"], shown["open"]) == ("done", 20, 0)


def test_who_is_joined_to_a_shard_that_was_walked_is_found_by_a_later_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not looked up yet, he becomes one with a customer of a shard that has ended. Who gets in after all ended, does
    not get it."""
    store = Store()
    [walked], [waiting] = numbers_in(9, 1), numbers_in(2, 1)
    root, child = (store.person(n, email=f"p{n}@example.com") for n in (walked, waiting))
    store.store.delete_member(root, "high-value")
    store.plan(throttle={"per_minute": 1})
    put, joined = Campaigns.put_walk, list[int]()

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        after = put(self, name, walk)
        if walk.shard == 9 and walk.ended and not joined:
            joined.append(walk.shard)
            store.store.delete_member(child, "high-value")
            store.store.put_member(root, "high-value", time_text(store.clock.time))
        return after

    monkeypatch.setattr(Campaigns, "put_walk", put_walk)
    store.until(local(12))
    assert joined
    assert store.addresses == [f"p{walked}@example.com"]
    shown = store.shown()
    assert (shown["state"], shown["walked"], store.next_due()) == ("done", 1, None)


def test_progress_ends_though_a_member_was_found_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message and two hand-overs: open as long as anything can be fresh, then it is said to be uncounted."""
    store = Store()
    numbers = numbers_in(3, PAGE + 5)
    for n in numbers:
        store.person(n, email=f"p{n}@example.com")
    first = store.store.members_page("high-value", 3, limit=1).items[0]["pk"]
    store.plan(fresh_for="6h")
    monkeypatch.setattr(Campaigns, "put_walk", comes_back(store, 3, first))
    store.until(local(12))
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in numbers}
    shown = store.shown()
    assert (shown["state"], shown["handed_over"], shown["open"], shown["uncounted"]) == ("done", PAGE + 6, 1, 0)
    store.clock.time = local(16, 30)
    assert (store.shown()["open"], store.shown()["uncounted"]) == (0, 1)
