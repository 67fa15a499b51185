"""What `/v1/segments` says beside the list: the backfill, the shop's purchase cycle, the audit."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import milliseconds
from shared.domain.segments.audit import Audit, Size
from shared.domain.segments.backfill import Plan, Shard, fingerprint
from shared.stores.audits import AuditStore
from shared.stores.backfills import BackfillStore
from shared.stores.customers import SHARDS
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS
from tests.unit.ingest.world import NOW, World

pytestmark = pytest.mark.unit
AT = milliseconds(NOW)


def published(world: World) -> Release:
    return Releases(world.catalog).publish(Release(0, Shop(name="Kervan Moda"), segments=SEGMENTS))


def state(world: World) -> dict[str, object]:
    found = world.get("/v1/segments")[1]
    return {name: found[name] for name in ("backfill", "shop", "audit")}


def test_before_anything_happened_nothing_is_claimed() -> None:
    """Without a release there is no backfill; without an audit no cycle."""
    assert state(World()) == {"backfill": None, "shop": None, "audit": None}


def test_a_release_waits_walks_and_is_done() -> None:
    """Waiting until the shards are handed out; then a share, counted over all shards; then the time of the last one."""
    world = World()
    release = published(world)
    store = BackfillStore(world.catalog)
    waiting = {"release": 1, "state": "waiting", "done": 0, "failed": 0, "fraction": 0.0, "started_at": None,
               "finished_at": None}  # fmt: skip
    assert state(world)["backfill"] == waiting
    plan = store.put_plan(Plan(1, fingerprint(release), 1, noticed=AT))
    assert state(world)["backfill"] == waiting
    store.put_plan(replace(plan, begun=AT, sent=AT))
    shards = [store.put_shard(Shard(number, 1, done=10, failed=number == 3, fraction=500)) for number in range(8)]
    walking = {**waiting, "state": "walking", "done": 80, "failed": 1, "fraction": 0.25,
               "started_at": "2026-11-22T10:00:00.000Z"}  # fmt: skip
    assert state(world)["backfill"] == walking
    for number in range(SHARDS):
        before = shards[number] if number < len(shards) else Shard(number, 1)
        store.put_shard(replace(before, finished=AT + 1_000 * number))
    assert state(world)["backfill"] == {
        **walking,
        "state": "done",
        "fraction": 1.0,
        "finished_at": "2026-11-22T10:00:15.000Z",
    }


def test_what_the_audit_found_is_shown() -> None:
    """How often people buy, from how many customers, and which customers differ, by their keys."""
    world = World()
    published(world)
    audit = Audit(AT, 1, 200, 2, {"new": 1}, ("u.abc",), {"new": Size(7)}, (300, 305, 420))
    AuditStore(world.catalog).put(audit)
    found = state(world)
    assert found["shop"] == {"purchase_cycle_days": 30.5, "sampled": 3, "at": "2026-11-22T10:00:00.000Z"}
    assert found["audit"] == {
        "at": "2026-11-22T10:00:00.000Z",
        "sampled": 200,
        "left_out": 2,
        "mismatches": {"new": 1},
        "customers": ["u.abc"],
    }
