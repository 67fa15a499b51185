"""Marks of what was handed over: on the fake and on DynamoDB (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.ports import Conflict, Table
from shared.stores.timer_leases import Gap, Mark, covered, gaps, with_mark
from shared.stores.timers import Arming, Timers
from tests.contract.plain_table import KINDS, plain_table

pytestmark = pytest.mark.contract

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHARD = "journey#0"
LATER = NOON + timedelta(minutes=15)


@pytest.fixture(params=KINDS)
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    yield from plain_table(request.param)


def armed(table: Table, count: int = 9) -> Timers:
    store = Timers(table, shards=1)
    store.arm_many([Arming("journey", NOON - timedelta(seconds=count - n), f"u.{n}", "j#1") for n in range(count)])
    return store


def free(store: Timers, now: datetime, owner: str = "w") -> list[str]:
    """Who is due and with no worker."""
    with store.leased(SHARD, owner=owner, now=now, until=now + timedelta(minutes=1)) as lease:
        assert lease is not None
        return [timer.home for _, page in store.not_handed(lease, now, page=4) for timer in page]


def hand_over(store: Timers, now: datetime, pages: int, until: datetime) -> None:
    """The first pages of four of what is free."""
    with store.leased(SHARD, owner="t", now=now, until=now + timedelta(minutes=1)) as lease:
        assert lease is not None
        for place, (gap, page) in enumerate(store.not_handed(lease, now, page=4), start=1):
            lease.hand_over(gap, page[-1].sk, until)
            if place == pages:
                return


def test_what_was_handed_over_is_not_handed_over_again_until_its_mark_runs_out(table: Table) -> None:
    """The next tick goes on behind the mark; after it, what still stands comes again."""
    store = armed(table)
    hand_over(store, NOON, pages=1, until=LATER)
    assert free(store, NOON + timedelta(minutes=1)) == ["u.4", "u.5", "u.6", "u.7", "u.8"]
    assert free(store, LATER) == [f"u.{n}" for n in range(9)]


def test_each_mark_runs_out_by_itself(table: Table) -> None:
    """A later hand-over does not prolong an earlier one: under steady load nothing that was lost waits for ever."""
    store = armed(table)
    hand_over(store, NOON, pages=1, until=LATER)
    hand_over(store, NOON, pages=1, until=LATER + timedelta(minutes=5))
    assert free(store, LATER) == ["u.0", "u.1", "u.2", "u.3", "u.8"]


def test_a_timer_armed_now_is_never_below_a_mark(table: Table) -> None:
    """Whoever arms does not arm for the past, so what comes later is found by the next tick."""
    store = armed(table)
    hand_over(store, NOON, pages=9, until=LATER)
    store.arm("journey", NOON + timedelta(milliseconds=1), "u.new", "j#1")
    assert free(store, NOON + timedelta(minutes=1)) == ["u.new"]


def test_marks_outlive_the_lease_and_go_when_they_ran_out(table: Table) -> None:
    """A free shard with live marks keeps its item; without them nothing is left."""
    store = armed(table)
    hand_over(store, NOON, pages=9, until=LATER)
    assert table.get("lease", SHARD) is not None
    assert free(store, LATER, owner="heir") == [f"u.{n}" for n in range(9)]
    assert table.get("lease", SHARD) is None


def test_a_lost_lease_is_noticed_when_a_mark_is_written(table: Table) -> None:
    """Who worked too long must not write marks into another's lease."""
    store = armed(table)
    late = NOON + timedelta(minutes=2)
    with store.leased(SHARD, owner="slow", now=NOON, until=NOON + timedelta(minutes=1)) as lease:
        assert lease is not None
        with store.leased(SHARD, owner="heir", now=late, until=late + timedelta(minutes=1)) as heir:
            assert heir is not None
            with pytest.raises(Conflict):
                lease.hand_over(Gap("", None), "2026", LATER)


def test_gaps_and_cover_are_each_other_s_complement() -> None:
    """What a live mark covers is in no gap, and everything else is in one."""
    marks = (Mark("c", 9), Mark("f", 5), Mark("k", 9))
    for key in "abcdefghijklmn":
        inside = [gap for gap in gaps(marks, 5) if gap.above < key and (gap.upto is None or key <= gap.upto)]
        assert len(inside) == (0 if covered(marks, key, 5) else 1)


def test_neighbours_with_one_end_are_one_mark() -> None:
    """A tick of many pages leaves one mark."""
    marks: tuple[Mark, ...] = ()
    for above, upto in (("", "b"), ("b", "d"), ("d", "f")):
        marks = with_mark(marks, Gap(above, None), Mark(upto, 9))
    assert marks == (Mark("f", 9),)
