"""Work over everybody that is half done: a backfill, the hour's audit, a dry run, products that are bought together."""

from __future__ import annotations

import random
from typing import Any

from functions.segment.audit import Auditing
from shared.domain.segments.oracle import oracle_segments
from shared.stores.audits import AuditStore
from tests.flow.releases.scene import Scene
from tests.support.backfills import BUYERS, NEW, REGULARS, Shop16
from tests.support.world import KEYS
from tests.unit.schedule.test_bought_together import Shop as Together
from tests.unit.simulation.test_play_job import History

CUSTOMERS, HALF = 12, 5


def auditing(shop: Shop16) -> Auditing:
    return Auditing(
        shop.shop_time, shop.store, shop.releases, AuditStore(shop.tables["catalog"]), KEYS, oracle_segments,
        random.Random(7), lambda _seconds: None,
    )  # fmt: skip


def backfilling(shop: Shop16) -> dict[str, Any]:
    """A new release on its way to everybody: shards are done, others wait in the queue."""
    shop.publish(BUYERS, NEW)
    shop.customers(CUSTOMERS)
    shop.pump()
    auditing(shop).run(lambda: True)
    shop.publish(BUYERS, REGULARS)
    while not shop.messages.waiting:
        shop.tick()
    for _ in range(HALF):
        shop.read_one()
    return {"queued": [body for _, body in shop.messages.waiting], "at": shop.real.at.timestamp()}


def after_backfilling(shop: Shop16, carried: Any) -> dict[str, Any]:
    at = shop.real.at.fromtimestamp(carried["at"], shop.real.at.tzinfo)
    shop.real.at = shop.shop_time.at = at
    before = shop.progress()
    audited = AuditStore(shop.tables["catalog"]).read()
    shop.messages.send_many(carried["queued"])
    shop.pump()
    shop.check(before.release)
    again = auditing(shop).run(lambda: True)
    return {
        "before": [before.release, before.state, before.done],
        "after": [shop.progress().state, shop.progress().done],
        "audited": audited and [audited.sampled, audited.mismatches],
        "mismatches": again.mismatches,
        "live": len(shop.live()),
        "given up": shop.given_up(),
    }


def together(shop: Together) -> dict[str, Any]:
    shop.sell("1", "shirt", "trousers")
    shop.sell("2", "shirt", "trousers", "belt", who="user:2")
    return {}


def after_together(shop: Together, _carried: Any) -> dict[str, Any]:
    """An order that was counted is not counted again."""
    before = shop.counts("shirt")
    shop.sell("2", "shirt", "trousers", "belt", who="user:2")
    again = shop.counts("shirt")
    shop.sell("3", "shirt", "belt", who="user:3")
    return {"before": before, "again": again, "after": shop.counts("shirt")}


def playing(history: History) -> dict[str, Any]:
    """A dry run of which some parts are done."""
    history.asked()
    parts = iter([True, True])
    history.player.play("r1", lambda: next(parts, False))
    return {}


def after_playing(history: History, _carried: Any) -> dict[str, Any]:
    history.shop.clock.time = History().shop.clock.time
    before = history.runs.get("r1")
    history.player.play("r1", lambda: True)
    done = history.runs.get("r1")
    assert before is not None
    assert done is not None
    return {"before": [before.state, before.journey, before.by], "after": done.state, "would": done.totals.would}


BACKFILL = Scene(
    "backfill", Shop16, lambda shop: {name: table.memory for name, table in shop.tables.items()},
    backfilling, after_backfilling,
)  # fmt: skip
TOGETHER = Scene(
    "bought-together", Together, lambda shop: {"customers": shop.log, "catalog": shop.catalog}, together, after_together
)
DRY_RUN = Scene(
    "dry-run",
    History,
    lambda history: {
        "customers": history.shop.customers, "catalog": history.shop.catalog, "messages": history.shop.messages,
    },
    playing,
    after_playing,
)  # fmt: skip
