"""Definitions change: every live customer is decided anew, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest

from functions.segment import backfill_shard, on_queue
from functions.segment.release import NewerRelease
from shared.domain.definitions.shop import SendHours
from shared.domain.segments.backfill import LOST_MS
from shared.ports import Throttled
from tests.support.backfills import BUYERS, NEW, REGULARS, Saved, Shop16
from tests.support.cases import LONG, UNIT
from tests.support.world import event

pytestmark = UNIT

CUSTOMERS = 40


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two, and no waiting: every turn of the walk is taken with few customers."""
    monkeypatch.setattr(backfill_shard, "PAGE", 2)
    monkeypatch.setattr("functions.segment.backfill_shard.time.sleep", lambda _seconds: None)


@cache
def decided(count: int) -> Saved:
    made = Shop16()
    made.publish(BUYERS, NEW)
    made.customers(count)
    made.pump()
    assert made.progress().state == "done"
    return made.saved()


def shop(count: int = CUSTOMERS, **how: int) -> Shop16:
    """Customers decided under a first release, whose backfill is over."""
    return Shop16(**how).restored(decided(count))


def test_everybody_is_decided_under_the_new_release() -> None:
    """A segment that is new gets its members, one that is gone loses them, and nobody sent an event for it."""
    world = shop()
    number = world.publish(BUYERS, REGULARS)
    world.pump()
    world.check(number)
    told = world.progress()
    assert (told.release, told.state, told.done, told.failed, told.fraction) == (number, "done", CUSTOMERS, 0, 1.0)
    assert told.started_at is not None
    assert told.finished_at is not None
    assert told.started_at <= told.finished_at
    assert not world.given_up()


def test_nobody_starts_before_every_environment_believes_the_release() -> None:
    """The tick that notices hands nothing out; nor does the next, before 75 seconds are over."""
    world = shop()
    world.publish(REGULARS)
    assert world.progress().state == "waiting"
    for expected in (0, 0, 16):
        before = world.messages.sent
        world.tick()
        assert world.messages.sent - before == expected


def test_who_is_born_under_the_old_release_is_reached() -> None:
    """An environment that believes the old release meets somebody new while the walk waits, then somebody known."""
    world = shop()
    stale = world.releases.current()
    number = world.publish(BUYERS, REGULARS)
    world.tick()
    world.send(event("Order Completed", ["user:late"], id="late", trusted=True, order_id="late", total=1), under=stale)
    world.pump()
    world.check(number)
    with pytest.raises(NewerRelease):
        world.send(event("Product Viewed", ["user:u1"], id="later", trusted=True, product_id="p"), under=stale)


def test_customers_side_by_side_are_decided_alike() -> None:
    """With eight workers in an invocation everybody is decided once, and the counts are those of one."""
    world = shop(60)
    world.environment = replace(world.environment, workers=8)
    number = world.publish(BUYERS, REGULARS)
    world.pump()
    world.check(number)
    assert (world.progress().state, world.progress().done, world.progress().failed) == ("done", 60, 0)


def test_a_release_that_decides_alike_moves_nobody() -> None:
    """Texts, send hours and caps are no reason to look at anybody; the answer says done without a tick, too."""
    world = shop()
    first = world.progress().release
    sent = world.messages.sent
    world.publish(BUYERS, NEW, send_hours=SendHours(start="10:00", end="18:00"))
    assert world.progress().state == "done"
    world.pump()
    assert (world.progress().release, world.messages.sent) == (first, sent)


def test_a_release_taken_back_at_once_has_decided_customers() -> None:
    """Between two ticks other definitions came and went: who did something meanwhile is put right."""
    world = shop()
    world.publish(REGULARS)
    world.send(event("Product Viewed", ["user:u3"], id="meanwhile", trusted=True, product_id="p"))
    number = world.publish(BUYERS, NEW)
    world.pump()
    world.check(number)


def test_a_shop_answer_that_segments_ask_for_moves_everybody() -> None:
    """Orders that were cancelled count from now on: nobody waits for his next event."""
    world = shop()
    for who in ("user:u3", "user:u6"):
        world.send(event("Order Cancelled", [who], id=f"c{who}", trusted=True, order_id=f"{who[6:]}-0"))
    number = world.publish(BUYERS, NEW, orders_ignore=())
    world.pump()
    world.check(number)


def test_what_was_never_folded_is_raised_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same definitions by a version that folds otherwise: the walk writes everybody's facts anew."""
    world = shop()
    monkeypatch.setattr("shared.domain.definitions.release.FOLD", "as of tomorrow")
    number = world.publish(BUYERS, NEW)
    world.pump()
    held = [facts for root in world.live() if (facts := world.store.control(root).facts) is not None]
    assert len(held) == CUSTOMERS
    assert {facts.release for facts in held} == {number}


def test_a_crash_after_any_call_changes_nothing() -> None:
    """The environment dies after the n-th request of a backfill, for every n: in the end all is as without it."""
    world = shop(12, budget=2)
    number = world.publish(BUYERS, REGULARS)
    published = world.saved()

    def backfill(dies_at: int | None) -> Shop16:
        again = Shop16(budget=2).restored(published)
        again.fuse.left = dies_at
        again.pump(minutes=4)
        assert again.fuse.left is None
        return again

    calls = backfill(None).fuse.calls
    assert calls > 150
    for n in range(1, calls, 1 if LONG else 17):
        again = backfill(n)
        again.check(number)
        assert (again.progress().state, again.progress().done, again.progress().failed) == ("done", 12, 0)


def test_every_message_twice_decides_everybody_once() -> None:
    """A second reader of the same shard finds it taken, or done: no customer is written again."""
    world = shop()
    number = world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    world.messages.waiting += [(f"{name}-again", body) for name, body in world.messages.waiting]
    versions = {root: version_of(world, root) for root in world.live()}
    place = 0
    while world.messages.waiting:  # from both ends
        world.read_one(-1 if (place := place + 1) % 2 else 0)
    world.check(number)
    assert {root: version_of(world, root) - before for root, before in versions.items()} == dict.fromkeys(versions, 1)
    assert world.progress().done == CUSTOMERS


def version_of(world: Shop16, root: str) -> int:
    customer = world.store.control(root).customer
    assert customer is not None
    return customer.version


def test_a_shard_that_another_walks_is_left_alone() -> None:
    """While the lease runs, another message does nothing; once it is over, it goes on where the first had noted."""
    world = shop(60)
    world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    shard = next(number for number in range(16) if len(world.store.live_page(number, limit=9).items) > 4)
    name, body = next(one for one in world.messages.waiting if f'"shard": {shard}' in one[1])
    world.messages.waiting = [(name, body), (f"{name}-again", body)]
    world.fuse.left = 25  # dies on the way
    world.pump_one_crash()
    held = world.backfills.shard(shard)
    assert (held.owner, held.finished) == (name, None)
    world.read_one(1)
    assert world.backfills.shard(shard).version == held.version
    world.read_one(0)
    assert world.backfills.shard(shard).finished is not None


def test_a_lost_message_is_noticed() -> None:
    """A shard that is silent for twenty minutes is handed out again, and only that one."""
    world = shop()
    number = world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    world.messages.waiting.pop(5)
    while world.messages.waiting:
        world.read_one()
    assert world.progress().state == "walking"
    sent = world.messages.sent
    world.tick()
    assert world.messages.sent == sent
    world.tick(seconds=LOST_MS // 1000 + 1)
    assert world.messages.sent == sent + 1
    world.pump(minutes=1)
    world.check(number)
    assert world.progress().state == "done"


def test_a_newer_release_takes_over() -> None:
    """Published in the middle of a walk: old messages do nothing any more, and everybody ends under the newest."""
    world = shop()
    world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    for _ in range(5):
        world.read_one()
    number = world.publish(NEW)
    world.tick()
    versions = sum(version_of(world, root) for root in world.live())
    while world.messages.waiting:
        world.read_one()
    assert sum(version_of(world, root) for root in world.live()) == versions
    assert world.progress().state == "waiting"
    world.pump()
    world.check(number)
    assert (world.progress().release, world.progress().done) == (number, CUSTOMERS)


def test_who_cannot_be_decided_is_reported_and_holds_nobody_up() -> None:
    """Facts that nobody can read: counted, told to the failure queue by the key, the walk goes on."""
    world = shop()
    broken = world.live()[7]
    facts = world.tables["customers"].memory.get(broken, "facts")
    assert facts is not None
    world.tables["customers"].memory.put({**facts, "data": b"\xff"})
    world.publish(BUYERS, REGULARS)
    world.pump()
    told = world.progress()
    assert (told.state, told.done, told.failed) == ("done", CUSTOMERS, 1)
    [report] = world.given_up()
    assert (report["function"], report["pk"]) == ("segment-on-queue", broken)


def test_trouble_of_the_moment_is_tried_again() -> None:
    """A table that throttles a customer for a moment fails nobody; one that never answers for him is told."""
    world = shop()
    short, never = world.live()[3], world.live()[9]
    number = world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    world.tables["customers"].error = {short: (Throttled(), 2), never: (OSError(), 100)}
    while world.messages.waiting:
        world.read_one()
    assert (world.progress().state, world.progress().failed) == ("done", 1)
    assert [report["pk"] for report in world.given_up()] == [never]
    customer = world.store.control(short).customer
    assert customer is not None
    assert customer.release == number


def test_a_message_that_nobody_can_read_keeps_no_other() -> None:
    """It is offered again by the queue until it is a dead letter; the shard beside it is walked."""
    world = shop()
    world.publish(BUYERS, REGULARS)
    for _ in range(3):
        world.tick()
    name, body = world.messages.waiting[0]
    records = [{"messageId": "?", "body": "?"}, {"messageId": name, "body": body}]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)
    answer = on_queue.respond({"Records": records}, context, world.environment)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "?"}]}
    assert world.backfills.shard(0).finished is not None


def test_a_walk_in_slices_goes_on_where_it_was() -> None:
    """With time for two pages in each call, a shard takes several messages, and nobody is looked at twice."""
    world = shop(60, budget=2)
    number = world.publish(BUYERS, REGULARS)
    before = world.messages.sent
    world.pump()
    assert world.messages.sent - before > 16
    world.check(number)
    assert world.progress().done == 60


def test_what_a_customer_of_a_backfill_costs() -> None:
    """One identifier, one membership that changes: two requests to read and write him, one for the list."""
    world = Shop16()
    world.publish(BUYERS)
    for number in range(200):
        world.send(event("Product Viewed", [f"user:u{number}"], id=f"v{number}", trusted=True, product_id="p"))
    world.pump()
    world.publish({"segment": "everybody", "who": {"not": {"orders": {"at_least": 1}}}})
    usage = world.tables["customers"].memory.usage
    usage.reset()
    world.pump()
    assert usage.by_operation["put"] == 400
    assert usage.requests / 200 < 4.5
    assert usage.read_units / 200 < 2.5
    assert usage.write_units / 200 < 3.5
