"""Timers on the fake and on DynamoDB (moto): one suite for both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.memory import MemoryTable
from shared.ports import Table
from shared.stores.timers import SHARDS, Arming, Timer, Timers
from tests.contract.plain_table import KINDS, plain_table

pytestmark = pytest.mark.contract

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=1)


@pytest.fixture(params=KINDS)
def timers(request: pytest.FixtureRequest) -> Iterator[Table]:
    yield from plain_table(request.param)


def drained(timers: Timers, now: datetime = NOON, owner: str = "me") -> list[Timer]:
    return [
        timer for page in timers.drain("journey", now, owner=owner, until=now + timedelta(minutes=1)) for timer in page
    ]


def test_a_timer_comes_when_it_is_due_and_not_before(timers: Table) -> None:
    """What is due at this very millisecond comes, one later does not; the timer says what it was armed with."""
    store = Timers(timers)
    store.arm("journey", NOON, "u.1", "cart-recovery#abc", 7)
    store.arm("journey", NOON + timedelta(milliseconds=1), "u.2", "cart-recovery#def", 1)
    [timer] = drained(store)
    assert (timer.due, timer.home, timer.ref, timer.revision) == (NOON, "u.1", "cart-recovery#abc", 7)


def test_a_timer_never_fires_before_its_microsecond(timers: Table) -> None:
    """Due times finer than a millisecond are rounded up, so that a fired timer finds its work due."""
    store = Timers(timers)
    store.arm("journey", NOON + timedelta(microseconds=1), "u.1", "j#1")
    assert drained(store) == []
    assert [timer.home for timer in drained(store, NOON + timedelta(milliseconds=1))] == ["u.1"]


def test_many_armings_of_one_moment_are_one_timer(timers: Table) -> None:
    """A burst of events arms one timer: the same moment, home and ref overwrite each other."""
    store = Timers(timers)
    for revision in range(5):
        store.arm("journey", NOON, "u.1", "j#1", revision)
    assert [timer.revision for timer in drained(store)] == [4]


def test_a_newer_arming_survives_the_deletion_of_the_older(timers: Table) -> None:
    """Deleting asks for the revision that was read."""
    store = Timers(timers)
    store.arm("journey", NOON, "u.1", "j#1", 1)
    [timer] = drained(store)
    store.arm("journey", NOON, "u.1", "j#1", 2)
    assert store.delete(timer) is False
    [again] = drained(store)
    assert store.delete(again) is True
    assert drained(store) == []


def test_two_drains_never_share_a_shard(timers: Table) -> None:
    """While one owner drains a shard, another gets nothing of it, and everything once the first is done."""
    store = Timers(timers)
    store.arm("journey", NOON, "u.1", "j#1")
    first = store.drain("journey", NOON, owner="first", until=SOON)
    assert len(next(first)) == 1
    assert drained(store, owner="second") == []
    first.close()
    assert len(drained(store, owner="second")) == 1


def test_a_lease_of_a_dead_drain_runs_out(timers: Table) -> None:
    """An owner that died keeps a shard until its lease ends, not longer."""
    store = Timers(timers)
    store.arm("journey", NOON, "u.1", "j#1")
    dead = store.drain("journey", NOON, owner="dead", until=SOON)
    next(dead)
    assert drained(store, SOON - timedelta(seconds=1), owner="heir") == []
    assert len(drained(store, SOON, owner="heir")) == 1
    dead.close()


def test_timers_left_in_place_come_once_per_drain(timers: Table) -> None:
    """A drain goes on behind what its caller could not delete, page by page, in order of due time."""
    store = Timers(timers, shards=1)
    store.arm_many([Arming("journey", NOON - timedelta(minutes=minute), f"u.{minute}", "j#1") for minute in range(7)])
    pages = list(store.drain("journey", NOON, owner="me", until=SOON, page=3))
    assert [timer.home for page in pages for timer in page] == [f"u.{minute}" for minute in range(6, -1, -1)]
    assert len(pages) >= 3


def test_kinds_do_not_mix(timers: Table) -> None:
    """A flip is not handed to the journeys."""
    store = Timers(timers)
    store.arm_flip(NOON, "u.1")
    assert drained(store) == []
    [[flip]] = store.drain("flip", NOON, owner="me", until=SOON)
    assert (flip.home, flip.ref) == ("u.1", "segments")


def test_an_idle_tick_costs_one_read_unit_per_shard_whatever_is_pending() -> None:
    """Both kinds together: 16 read units and no write, with nothing or with thousands pending."""
    table = MemoryTable()
    store = Timers(table)
    for pending in (0, 3_000):
        store.arm_many(
            [Arming("journey", NOON + timedelta(hours=1, seconds=n), f"u.{n}", "j#1") for n in range(pending)]
        )
        table.usage.reset()
        for kind in ("flip", "journey"):
            assert list(store.drain(kind, NOON, owner="me", until=SOON)) == []
        assert (table.usage.read_units, table.usage.write_units) == (2 * SHARDS, 0)
        assert table.usage.requests == 2 * SHARDS
