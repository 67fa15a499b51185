"""Backfills, as the tick oversees them: it notices definitions that decide otherwise and hands out the shards."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict

from shared.domain.definitions.release import Release
from shared.domain.identity.keys import milliseconds
from shared.domain.segments.backfill import Plan, lost, planned
from shared.ports import Clock, Conflict, Queue
from shared.stores.backfills import BackfillStore
from shared.stores.customers import SHARDS
from shared.stores.releases import Releases

log = logging.getLogger("kervan.segment")

SETTLE = timedelta(seconds=75)
"""From noticing a release to the first shard. An environment believes an older release for 15 s, and what it began then
ends with its function after 60 s at the latest: a customer born under the old release is in the index by then."""
READ_BACK = 8
"""Releases looked at between the one covered and the one that holds; with more of them everybody is decided anew."""


class ShardTask(BaseModel):
    """A message of the work queue: walk this shard on towards this release. Where it stands is in the catalog."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    release: int
    shard: int

    def body(self) -> str:
        return json.dumps({"release": self.release, "shard": self.shard})


@dataclass(frozen=True, slots=True)
class Backfilling:
    """What the tick and the walkers share."""

    store: BackfillStore
    releases: Releases
    queue: Queue
    real: Clock
    """The system's clock: leases and patience are about machines, not about the shop's time."""
    settle: timedelta = SETTLE

    def oversee(self, now: datetime) -> int:
        """One look a minute, one request if nothing is new; returns the shards handed out.

        A crash between handing out and noting it hands them out again: a walker finds that another is at it, or that
        all is done.
        """
        release = self.releases.current()
        if not release.number:
            return 0
        held = self.store.read()
        plan, real_now = held.plan, milliseconds(self.real.now())
        try:
            if plan is None or release.number > plan.covers:
                plan = self._noticed(plan, release, real_now)
            if plan.begun is not None:
                return self._hand_out(plan, lost(replace(held, plan=plan), SHARDS, real_now), real_now)
            if real_now - plan.noticed < self.settle / timedelta(milliseconds=1):
                return 0
            return self._hand_out(replace(plan, begun=milliseconds(now)), list(range(SHARDS)), real_now)
        except Conflict:
            return 0  # another tick is at it

    def _noticed(self, plan: Plan | None, release: Release, real_now: int) -> Plan:
        covered = plan.covers if plan and release.number - plan.covers <= READ_BACK else release.number - 1
        between = [found for number in range(covered + 1, release.number) if (found := self.releases.get(number))]
        known = plan if plan is not None and covered == plan.covers else None
        wanted = planned(known, [*between, release], real_now)
        if plan is not None and wanted.release != plan.release:
            log.info("release %d decides otherwise than %d: everybody is decided anew", release.number, plan.release)
        return self.store.put_plan(replace(wanted, version=plan.version if plan else 0))

    def _hand_out(self, plan: Plan, shards: list[int], real_now: int) -> int:
        if shards:
            self.queue.send_many(ShardTask(release=plan.release, shard=number).body() for number in shards)
            self.store.put_plan(replace(plan, sent=real_now))
            log.info("handed out %d shards for release %d", len(shards), plan.release)
        return len(shards)
