"""Who becomes a member while a campaign is read gets it, wherever the membership stands in the index; brute force.

A membership begins when its rule became true: a till that was offline reports an order of last week, and its customer
stands before everybody who was read already.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.schedule import campaign_walk
from shared.domain.campaigns.campaign import Walk
from shared.domain.identity.keys import time_text
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS
from tests.support.cases import UNIT, cases
from tests.unit.campaigns.test_several_segments import person, plan, shop
from tests.unit.campaigns.world import Store, local, numbers_in

pytestmark = UNIT

SEGMENTS = ("high-value", "engaged")
PEOPLE = tuple(number for shard in (2, 9) for number in numbers_in(shard, 4))


@dataclass(frozen=True)
class Move:
    """Somebody enters a segment, with a time in hours before the campaign, or leaves it."""

    person: int
    segment: str
    hours: int | None


moves = st.builds(Move, st.sampled_from(PEOPLE), st.sampled_from(SEGMENTS), st.none() | st.integers(-1, 300))


@dataclass
class Watched:
    """What the oracle knows: who is in what now, who ever was, and who was in a segment ever since all had ended."""

    store: Store
    keys: dict[int, str]
    members: dict[int, set[str]]
    ever: set[int] = field(default_factory=set)
    kept: set[int] | None = None
    ended: set[int] = field(default_factory=set)

    def move(self, one: Move) -> None:
        key, store = self.keys[one.person], self.store.store
        store.delete_member(key, one.segment)
        self.members[one.person].discard(one.segment)
        if self.kept is not None:  # whose place changes during the last looks may be passed over
            self.kept.discard(one.person)
        if one.hours is not None:
            store.put_member(key, one.segment, time_text(self.store.clock.time - timedelta(hours=one.hours)))
            self.members[one.person].add(one.segment)

    def look(self, walk: Walk | None, included: set[str]) -> None:
        now = {number for number, segments in self.members.items() if segments & included}
        self.ever |= now
        if walk is not None and walk.ended:
            self.ended.add(walk.shard)
        if self.kept is not None:
            self.kept &= now
        elif len(self.ended) == SHARDS:
            self.kept = now


@contextmanager
def meanwhile(watched: Watched, after: dict[int, list[Move]], included: set[str]) -> Iterator[None]:
    """Each time that a walk was saved, the moves of that number happen."""
    put, saved = Campaigns.put_walk, [0]

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        done = put(self, name, walk)
        saved[0] += 1
        watched.look(done, included)
        for one in after.get(saved[0], ()):
            watched.move(one)
        watched.look(None, included)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(campaign_walk, "PAGE", 2)
        patch.setattr(Campaigns, "put_walk", put_walk)
        yield


@given(
    first=st.dictionaries(st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(SEGMENTS), min_size=1)),
    changes=st.lists(st.tuples(st.integers(1, 70), moves), max_size=8),
    included=st.sampled_from((("high-value",), SEGMENTS)),
    per_minute=st.none() | st.integers(8, 40),
    local_time=st.booleans(),
)
@cases(14)
def test_a_member_since_all_were_read_gets_it_once(
    first: dict[int, frozenset[str]],
    changes: list[tuple[int, Move]],
    included: tuple[str, ...],
    per_minute: int | None,
    *,
    local_time: bool,
) -> None:
    """Whoever is a member when the last shard ended, and stays one at the same place, gets it; who never was one does
    not; nobody gets it twice, whatever they do in between."""
    store = shop()
    members = {number: set(first.get(number, ())) for number in PEOPLE}
    watched = Watched(store, {number: person(store, number, segments) for number, segments in members.items()}, members)
    throttle = {"throttle": {"per_minute": per_minute}} if per_minute else {}
    plan(store, segments=list(included), **{"except": None}, local_time=local_time or None, **throttle)
    after: dict[int, list[Move]] = defaultdict(list)
    for number, one in changes:
        after[number].append(one)
    with meanwhile(watched, after, set(included)):
        store.until(local(24 * 4))
    got = Counter(store.addresses)
    assert store.shown()["state"] == "done"
    assert {f"p{number}@example.com" for number in watched.kept or ()} <= set(got)
    assert set(got) <= {f"p{number}@example.com" for number in watched.ever}
    assert max(got.values(), default=1) == 1


def test_a_membership_that_is_dated_back_is_found() -> None:
    """The till was offline: an order of last week arrives when her shard was read, and stands before its first page."""
    store = shop()
    early, late = numbers_in(2, 2)
    keys = {number: person(store, number, {"high-value"} if number == early else set()) for number in (early, late)}
    watched = Watched(store, keys, {early: {"high-value"}, late: set()})
    plan(store, segments=["high-value"], **{"except": None})
    with meanwhile(watched, {5: [Move(late, "high-value", 24 * 7)]}, {"high-value"}):
        store.until(local(12))
    assert Counter(store.addresses) == {f"p{early}@example.com": 1, f"p{late}@example.com": 1}
    shown = store.shown()
    assert (shown["walked"], shown["handed_over"], shown["sent"], shown["uncounted"]) == (2, 2, 2, 0)


def test_the_last_look_spends_no_minute_on_those_who_got_it() -> None:
    """Forty people at two a minute take twenty minutes; looking once more at all of them takes none."""
    store = shop()
    numbers = numbers_in(3, 40)
    for number in numbers:
        person(store, number, {"high-value"})
    plan(store, segments=["high-value"], **{"except": None}, throttle={"per_minute": 16})
    ends: list[tuple[datetime, bool]] = []
    put = Campaigns.put_walk

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        if walk.shard == 3 and (walk.ended or walk.finished):
            ends.append((store.clock.time, walk.finished))
        return put(self, name, walk)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Campaigns, "put_walk", put_walk)
        store.until(local(24))
    (ended, _), (finished, is_finished) = ends[0], ends[-1]
    assert is_finished
    assert finished - ended <= 2 * campaign_walk.WATCH + timedelta(minutes=2)
    assert len(store.addresses) == 40
