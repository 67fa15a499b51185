"""Walks through all customers and begins the erasure of those who have been kept long enough, at a bounded pace."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.definitions.retention import Retention
from shared.domain.identity.keys import ERASED, milliseconds
from shared.domain.privacy.erasure import Erasure, State
from shared.domain.privacy.held_rights import Held
from shared.domain.privacy.retention import Due, due, signs_of
from shared.operators.erasures import new_id
from shared.ports import Queue
from shared.queries.customer_tree import Tree, load_tree
from shared.queries.persons_part import homes_below
from shared.stores.cases import Cases
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.erasures import Erasures, put_marks
from shared.stores.retention_log import RetentionLog, Walk

BY = "retention"
"""Who began these erasures, as the proof says it."""
WALK_EVERY = timedelta(days=7)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Retaining:
    """Everything in it may be repeated: a page is walked again after a crash, and nobody is erased twice."""

    customers: CustomerStore
    erasures: Erasures
    cases: Cases
    log: RetentionLog
    queue: Queue

    def run(self, rules: Retention, now: datetime, *, time_left: Callable[[], bool]) -> Walk | None:
        """Goes on with the walk, or begins one when the last is a week old; the walk as it is then. None: nothing is to
        be done now."""
        walk = self.log.current()
        if walk is None or walk.ended_at is not None:
            if walk is not None and now < walk.begun_at + WALK_EVERY:
                return None
            walk = Walk(now, day=walk.day if walk else "", today=walk.today if walk else 0)
        walk = replace(walk, carried_out=rules.carry_out)
        today = f"{now:%Y-%m-%d}"
        if walk.day != today:
            walk = replace(walk, day=today, today=0)
        while time_left():
            if rules.carry_out and walk.today >= rules.per_day:
                break  # the walk stays where it is until tomorrow
            walk = self._page(walk, rules, now)
            self.log.put(walk)
            if walk.ended_at is not None:
                break
        return walk

    def _page(self, walk: Walk, rules: Retention, now: datetime) -> Walk:
        """One page of customers. If the pace of the day is reached in it, it is walked again tomorrow: who is erased by
        then is not met any more."""
        page = self.customers.live_page(walk.shard, limit=PAGE, cursor=walk.cursor or None)
        counts = Counter(walk.counts)
        for item in page.items:
            tree = load_tree(self.customers, item["pk"])
            if tree.root != item["pk"] or tree.control.refuses(now):
                self._go_on(tree.root, now)
                continue
            found, stays = self._due(tree, rules, now)
            if rules.carry_out and found is not None and walk.today >= rules.per_day:
                return walk
            counts["looked_at"] += 1
            counts["kept"] += stays
            if found is not None:
                counts[found] += 1
                if rules.carry_out:
                    self._begin(tree.root, now)
                    counts["begun"] += 1
                    walk = self._counted(walk, found)
        walk = replace(walk, counts=dict(counts))
        if page.cursor is not None:
            return replace(walk, cursor=page.cursor)
        if walk.shard + 1 < SHARDS:
            return replace(walk, shard=walk.shard + 1, cursor="")
        return replace(walk, cursor="", ended_at=now)

    def _counted(self, walk: Walk, found: Due) -> Walk:
        """The walk with one more that was begun, stored: the page may be walked again, and he is not met then."""
        done = Counter(walk.counts) + Counter({"looked_at": 1, found: 1, "begun": 1})
        walk = replace(walk, counts=dict(done), today=walk.today + 1)
        self.log.put(walk)
        return walk

    def _due(self, tree: Tree, rules: Retention, now: datetime) -> tuple[Due | None, bool]:
        """Why the customer is due, and whether he would be, but has to stay."""
        signs = signs_of(tree.profile(), now)
        found = due(signs, rules, now, held=False)
        if found is None:
            return None, False
        restricted = tree.held(Held.RESTRICT) is not None
        held = restricted or any(case.waits for key in tree.keys for case in self.cases.of(key))
        return (None, True) if held else (found, False)

    def _begin(self, root: str, now: datetime) -> None:
        erasure = Erasure(id=new_id(now), homes=homes_below(self.customers, root), requested_at=now, by=BY)
        self.erasures.put(erasure)
        put_marks(self.customers.table, erasure, [root])  # so that walking again finds it
        self.queue.send_many([json.dumps({"erasure": erasure.id})])

    def _go_on(self, root: str, now: datetime) -> None:
        """Who began an erasure may have died before it was queued."""
        mark = self.customers.table.get(root, ERASED)
        if mark is None or milliseconds(now) >= int(mark["until"]):
            return
        known = self.erasures.get(str(mark["erasure"]))
        if known is not None and known.by == BY and known.state is State.RUNNING:
            self.queue.send_many([json.dumps({"erasure": known.id})])
