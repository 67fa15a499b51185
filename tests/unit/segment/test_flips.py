"""Memberships that change with time alone, by the timers of the kind `flip`."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.identity.keys import moment
from shared.ports import Item
from tests.support.world import NOW, event, later
from tests.unit.segment.deployment import Deployment, key

pytestmark = pytest.mark.unit


def test_flips_come_at_exactly_30_and_90_days() -> None:
    """New for 30 days to the millisecond, at-risk from 90 on, each by one timer that reads one customer."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    tick = timedelta(milliseconds=1)
    assert world.tick(NOW + timedelta(days=30) - tick) == {"fired": 0, "stray": 0, "poisoned": 0}
    assert world.segments("user:u") == {"new"}
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 1, "stray": 0, "poisoned": 0}
    assert world.segments("user:u") == set()
    assert len(world.due()) == 1
    world.tick(NOW + timedelta(days=90) - tick)
    assert world.segments("user:u") == set()
    world.tick(NOW + timedelta(days=90))
    assert world.segments("user:u") == {"at-risk"}
    assert world.due() == []
    assert world.store.control(key("user:u")).members.keys() == {"at-risk"}


def test_a_tick_that_comes_early_by_the_clock_still_flips() -> None:
    """A timer is due by its own time: an environment whose clock is behind evaluates at the due time."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    due = NOW + timedelta(days=30)
    assert world.environment.segmentation().flip(key("user:u"), due, due - timedelta(seconds=5)) is True
    assert world.segments("user:u") == set()


def test_stray_timers_do_no_harm() -> None:
    """A timer of nobody, one that was replaced, and one of an absorbed customer are deleted and change nothing."""
    world = Deployment()
    world.take(event("Order Completed", ["email:g@example.com"], order_id="o", total=1))
    world.take(event("identify", ["user:u", "email:g@example.com"], trusted=True))
    world.timers.arm_flip(NOW, key("user:nobody"))
    world.timers.arm_flip(NOW, key("user:u"))
    before = world.store.control(key("user:u")).customer
    assert before is not None
    assert world.tick(NOW + timedelta(minutes=1)) == {"fired": 0, "stray": 2, "poisoned": 0}
    after = world.store.control(key("user:u")).customer
    assert after is not None
    assert (after.segments, after.armed) == (before.segments, before.armed)
    assert world.store.control(key("user:nobody")).customer is None
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 1, "stray": 1, "poisoned": 0}
    assert world.segments("user:u") == set()
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 0, "stray": 0, "poisoned": 0}


class Interrupted(MemoryTable):
    """Lets a tick happen between the arming of a timer and the writing of the customer who was promised it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: Deployment | None = None

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        world, self.world = (self.world, None) if item["sk"] == "customer" else (None, self.world)
        if world is not None:
            world.tick(world.clock.at + timedelta(minutes=1))
        super().put(item, expect=expect)


def test_a_flip_between_arming_and_writing_is_not_lost() -> None:
    """An order that turns 90 days old while it is folded: the tick finds an unknown timer, and the flip comes all the
    same, at once or with the next tick."""
    for known in (False, True):
        table = Interrupted()
        world = Deployment(table)
        if known:
            world.take(event("Product Viewed", ["user:u"], product_id="x"))
        table.world = world
        world.take(event("Order Completed", ["user:u"], at=later(days=-90, seconds=5), order_id="o", total=1))
        world.tick(NOW + timedelta(minutes=2))
        assert world.segments("user:u") == {"at-risk"}, known


def test_a_lost_timer_heals_with_the_next_event() -> None:
    """A flip that was given up (its timer went with it) holds nothing back: the next event decides and arms anew."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    for item in world.pending.items():
        world.pending.delete(item["pk"], item["sk"])
    world.clock.at = NOW + timedelta(days=40)
    world.take(event("Product Viewed", ["user:u"], at=later(days=40), product_id="x"))
    assert world.segments("user:u") == set()
    customer = world.store.control(key("user:u")).customer
    assert customer is not None
    assert customer.armed is not None
    assert moment(customer.armed) == NOW + timedelta(days=90)
    assert len(world.due()) == 1


def test_a_tick_tells_how_late_the_oldest_timer_was(capsys: pytest.CaptureFixture[str]) -> None:
    """The alarm on lag watches it. A tick that finds nothing tells nothing."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    world.take(event("Order Completed", ["user:v"], order_id="p", total=1, at=NOW - timedelta(minutes=1)))
    world.tick(NOW)
    assert "TimerLagSeconds" not in capsys.readouterr().out
    world.tick(NOW + timedelta(days=30, minutes=5))
    [told] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "TimerLagSeconds" in line]
    assert (told["TimerLagSeconds"], told["function"]) == ([360.0], "segment-on-due")
