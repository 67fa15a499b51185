"""Whatever happened before, whoever merges, whatever crashes or comes twice: everybody who cares is told once."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.interests.announcement import EVENTS
from shared.domain.interests.why_told import Subject, why_told
from shared.stores.announcements import Announcements
from tests.support.world import NOW, event
from tests.unit.segment.people import histories
from tests.unit.stock.telling_world import TellingWorld, at
from tests.unit.stock.test_telling import ASK, CART, HOUR, WISH, cares, sold_out

pytestmark = pytest.mark.unit


def played(crash: int | None) -> tuple[TellingWorld, list[str], int]:
    """Two pieces come back for three people; who was told first, and how many calls it all took."""
    world = TellingWorld()
    sold_out(world)
    for who, what in (("a", ASK), ("b", CART), ("c", WISH)):
        cares(world, who, what)
    world.fuse.left, world.fuse.calls = crash, 0
    world.count("p", 2)
    world.minute()
    world.work()
    first = world.names()
    world.minute(HOUR)
    world.work()
    return world, first, world.fuse.calls


def test_a_crash_after_any_call_changes_nothing() -> None:
    """Whichever call was the last before a function died: two are told first, then the third, each once."""
    calls = played(None)[2]
    assert calls > 60
    for last in range(1, calls + 1):
        world, first, _ = played(last)
        assert first == ["user:a", "user:b"], last
        assert world.names() == ["user:a", "user:b", "user:c"], last


def cared(world: TellingWorld, sku: str) -> dict[str, int]:
    """By brute force over all customers: who is to be told, with the rank of his reason."""
    found = {}
    for root, tree in world.trees().items():
        reason = why_told(tree.profile(), Subject(sku), world.clock.now())
        if reason is not None:
            found[root] = reason.rank
    return found


def roots(world: TellingWorld, events: dict[str, list[Event]]) -> list[str]:
    """The customer of each event, as customers are now."""
    return sorted(world.tree(key).root for key, ones in events.items() for _ in ones)


@given(
    histories(20),
    st.lists(st.sampled_from(["user:u0", "user:u1", "user:u2", "anonymous:a0", "anonymous:a1"]), max_size=4),
    st.integers(1, 4),
    st.integers(1, 120),
    st.booleans(),
    st.randoms(use_true_random=False),
)
@settings(max_examples=80, deadline=None)
def test_everybody_who_cares_is_told_once_and_nobody_else(
    events: list[Event], merged: list[str], pieces: int, crash: int, twice: bool, rng: Random
) -> None:
    """Any histories; a merge between the waves; messages that come twice; a crash after any call."""
    world = TellingWorld()
    world.clock.time = NOW
    world.count("shirt", 1)
    world.count("shirt", 0)
    rng.shuffle(events)
    world.send(*(one for one in events if one.time <= NOW + HOUR))
    world.minute(2 * HOUR)
    world.fuse.left = crash
    world.count("shirt", pieces)
    world.minute()
    caring = cared(world, "shirt")
    world.work(twice=twice)
    first = roots(world, world.told())
    assert len(first) == len(set(first)) == min(pieces, len(caring))
    assert set(first) <= set(caring)
    assert all(caring[one] <= rank for one in first for root, rank in caring.items() if root not in first)
    world.fold([one for ones in world.told().values() for one in ones])
    for one, other in itertools.pairwise(merged):
        if one.startswith("user:") and other != one:
            world.send(event("Seen", sorted({one, other}), at=at(world), id=one + other, trusted=True,
                             alias_of=other if other.startswith("user:") else None))  # fmt: skip
    before = {world.tree(key).root for key in world.told()}
    known = sum(map(len, world.told().values()))
    world.minute(HOUR)
    caring = cared(world, "shirt")
    world.work(twice=twice)
    after = roots(world, world.told())
    rest = [root for root in after if root not in before]
    assert len(after) == known + len(rest)
    assert sorted(rest) == sorted(set(caring) - before)


@given(st.lists(st.sampled_from([0, 0, 1, 2, 5]), min_size=2, max_size=10), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_one_announcement_per_episode(counts: list[int], crash: int) -> None:
    """Whatever the shop counts each hour, with a crash after any call: one announcement each time that pieces come
    back, for so many people as there are pieces."""
    world = TellingWorld()
    world.count("p", 1)
    for number in range(6):
        cares(world, f"n{number}", WISH)
    world.fuse.left = crash
    known, announced = 1, 0
    for pieces in counts:
        world.minute(HOUR)
        world.count("p", pieces)
        world.minute()
        announced += known == 0 < pieces
        known = pieces
        made = Announcements(world.interests).read("back", "p")
        assert (made is not None) == (announced > 0)
        assert made is None or made.version == announced
        world.queue.bodies, world.queue.later = [], []
    assert EVENTS["back"] == "Product Back in Stock"
