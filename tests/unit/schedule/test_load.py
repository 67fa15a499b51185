"""Many timers at once: the tick hands them over in batches, the workers do them, and nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.schedule import on_queue
from functions.schedule.due_timers import HANDED_FOR, DueTimers
from functions.schedule.environment import Environment
from functions.schedule.timer_batches import SIZE, TimerBatch
from shared.stores.timers import Arming, Timers
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=1)
"""Enrollments that never came are given up after a while: the cheapest timers that are deleted by who works on them."""


def crowded(count: int, shards: int = 1) -> World:
    world = World()
    world.now = NOON
    world.timers = Timers(world.timer_table, shards=shards)
    world.firer._timers = world.timers
    world.ticking = DueTimers(world.timers, world.firer, world.work)
    world.timers.arm_many([Arming("journey", LONG_AGO + timedelta(seconds=n), f"u.{n}", "j#1") for n in range(count)])
    world.timer_table.usage.reset()
    return world


def tick(world: World, now: datetime = NOON, *, pages: int = 1_000) -> Any:
    left = iter(range(pages))
    return world.ticking.drain(
        now, owner="t", until=now + timedelta(minutes=1), time_left=lambda: next(left, None) is not None
    )


def work(world: World, *bodies: str, received: int = 1, milliseconds: int = 60_000) -> list[str]:
    """The worker's answer: the messages that are to come again."""
    composed = Environment(
        SimpleNamespace(now=lambda: world.now), world.scheduling, world.timers, world.firer, world.ticking,
        world.failures,
    )  # fmt: skip
    records = [
        {"messageId": f"m{n}", "body": body, "attributes": {"ApproximateReceiveCount": str(received)}}
        for n, body in enumerate(bodies)
    ]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)
    answer = on_queue.respond({"Records": records}, context, lambda: composed)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def pending(world: World) -> int:
    return sum(item["pk"] != "lease" for item in world.timer_table.items())


def test_a_page_is_done_by_the_tick_itself() -> None:
    """Little needs no queue."""
    world = crowded(SIZE)
    tally = tick(world)
    assert (tally.fired, tally.packed, pending(world)) == (SIZE, 0, 0)
    assert world.work.bodies == []


def test_more_than_a_page_is_handed_over_oldest_first_and_not_again() -> None:
    """Each timer is in one pack; the next tick finds them with the workers; each is deleted by who did it."""
    world = crowded(3 * SIZE + 1)
    assert tick(world).packed == 3 * SIZE + 1
    homes = [timer.home for body in world.work.bodies for timer in TimerBatch.model_validate_json(body).read()]
    assert homes == [f"u.{n}" for n in range(3 * SIZE + 1)]
    assert tick(world, NOON + timedelta(minutes=1)).packed == 0
    assert pending(world) == 3 * SIZE + 1
    assert work(world, *world.work.bodies) == []
    assert pending(world) == 0


def test_a_lost_pack_is_handed_over_again_when_its_mark_ran_out() -> None:
    """Its timers are still there; the others are not disturbed."""
    world = crowded(4 * SIZE)
    tick(world)
    lost, *arrived = world.work.bodies
    work(world, *arrived)
    world.work.bodies = []
    assert tick(world, NOON + HANDED_FOR - timedelta(minutes=1)).packed == 0
    tally = tick(world, NOON + HANDED_FOR)
    assert tally.fired == SIZE  # a page by now: the tick does it
    assert pending(world) == 0
    assert len(TimerBatch.model_validate_json(lost).read()) == SIZE


def test_a_pack_that_is_offered_again_does_only_what_still_stands() -> None:
    """SQS brings a message twice, and a lost one late: the second reader looks first, for one request."""
    world = crowded(2 * SIZE)
    tick(world)
    first, second = world.work.bodies
    assert work(world, first) == []
    world.timer_table.usage.reset()
    assert work(world, first, received=2) == []
    assert dict(world.timer_table.usage.by_operation) == {"get_many": 1}
    assert work(world, second) == []


def test_a_tick_without_time_goes_on_where_it_stopped() -> None:
    """What was handed over is marked page by page; the next tick takes the rest."""
    world = crowded(2_500)
    assert tick(world, pages=1).packed == 1_000
    assert tick(world, NOON + timedelta(minutes=1)).packed == 1_500
    assert work(world, *world.work.bodies) == []
    assert pending(world) == 0


def test_a_worker_without_time_gives_the_pack_back() -> None:
    """It is offered again, not begun and cut off."""
    world = crowded(2 * SIZE)
    tick(world)
    assert work(world, *world.work.bodies, milliseconds=1_000) == ["m0", "m1"]
    assert pending(world) == 2 * SIZE


def test_a_pack_with_trouble_comes_again_and_an_unreadable_one_blocks_nobody() -> None:
    """One message's error is its own."""
    world = crowded(2 * SIZE)
    tick(world)
    enrollments = world.scheduling.customer_enrollments

    def broken(key: str) -> Any:
        if key == "u.3":
            raise ConnectionError
        return enrollments(key)

    world.scheduling.customer_enrollments = broken  # type: ignore[method-assign]
    assert work(world, "no pack", *world.work.bodies, json.dumps({"v": 1})) == ["m0", "m1", "m3"]
    assert pending(world) == 1


def test_trouble_in_one_shard_costs_only_its_turn() -> None:
    """Whatever a queue or a table says about one shard's timers, the others' are handed over."""
    world = crowded(400, shards=8)
    send = world.work.send_many

    def choosy(bodies: Any) -> None:
        held = list(bodies)
        if '"journey#3"' in held[0]:
            raise ValueError("the message is too large")
        send(held)

    world.work.send_many = choosy  # type: ignore[method-assign]
    tally = tick(world)
    in_three = sum(item["pk"] == "journey#3" for item in world.timer_table.items())
    assert (tally.errors, tally.packed + tally.fired) == (["ValueError"], 400 - in_three)
    assert world.timer_table.get("lease", "journey#3") is None


def test_a_busy_shard_does_not_keep_the_others_waiting() -> None:
    """A shard whose lease is taken is left out; the others are handed over."""
    world = crowded(400, shards=8)
    world.timer_table.put({"pk": "lease", "sk": "journey#3", "owner": "x", "until": 10**15})
    in_three = sum(item["pk"] == "journey#3" for item in world.timer_table.items())
    assert in_three > SIZE
    tally = tick(world)
    assert tally.packed + tally.fired == 400 - in_three
