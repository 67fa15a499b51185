"""Walks one shard of the live customers and decides each under a release; stops and goes on wherever it was."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from msgspec.structs import replace

from functions.segment.backfill import Backfilling, ShardTask
from functions.segment.environment import Environment
from functions.segment.on_events import POISON
from functions.segment.release import NewerRelease
from shared.adapters.error_kinds import kind_of
from shared.domain.identity.keys import LETTERS, milliseconds
from shared.domain.segments.backfill import WHOLE, Shard, estimated, fraction
from shared.ports import Throttled

log = logging.getLogger("kervan.segment")

PAGE = 50
SAVE_MS = 4_000
"""Progress is noted so often: a crash repeats no more than that, at a read per customer."""
ATTEMPTS = 5
"""Tries for a customer whom an error outside keeps from being decided."""
PROBED = 50
"""Keys read of each letter to estimate how many there are."""

Ending = Literal["finished", "unfinished", "superseded", "taken"]
Outcome = Literal["decided", "skipped", "failed", "error"]
SideBySide = Callable[[Sequence[str], int], list[Outcome]]


@dataclass(slots=True)
class Tally:
    """What an invocation did."""

    decided: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, outcome: Outcome) -> None:
        match outcome:
            case "decided":
                self.decided += 1
            case "skipped":
                self.skipped += 1
            case "failed" | "error":
                self.failed += 1


@dataclass(slots=True)
class Walk:
    """One invocation's walk. ``time_left`` is False when no further page fits.

    ``owner`` is the message's id: it comes again because who took it is gone, so it may go on at once.
    """

    composed: Environment
    backfilling: Backfilling
    owner: str
    lease: timedelta
    time_left: Callable[[], bool]
    tally: Tally = field(default_factory=Tally)

    def run(self, piece: ShardTask) -> Ending:
        """Walks until the shard ends or the time does. What is ``unfinished`` was noted and given back; the message for
        the rest is sent after that, so that who takes it finds the shard free.

        Raises
        ------
        Throttled
            If the table refuses most of a page: the message comes again.
        Conflict
            If somebody else noted the same shard, or our own note was answered too late to be recognised: the message
            comes again and sees which it was.
        """
        shard = self._take(piece)
        return self._walk(shard) if isinstance(shard, Shard) else shard

    def _take(self, piece: ShardTask) -> Shard | Ending:
        """The shard under a lease of ours; or why there is nothing to do."""
        if not self._wanted(piece.release):
            return "superseded"
        if self.backfilling.releases.current().number < piece.release:
            self.backfilling.releases.current(refresh=True)
        shard = self.backfilling.store.shard(piece.shard)
        if shard.release != piece.release:
            shard = Shard(piece.shard, piece.release, version=shard.version)
        if shard.finished is not None:
            return "finished"
        if shard.held_until > self._real_now() and shard.owner != self.owner:
            return "taken"
        return self._note(shard)

    def _walk(self, shard: Shard) -> Ending:
        customers = self.composed.store
        with self._workers() as side_by_side:
            while True:
                page = customers.live_page(shard.number, limit=PAGE, cursor=shard.cursor)
                roots = [item["pk"] for item in page.items]
                if shard.expected is None and page.cursor is not None:
                    shard = replace(shard, expected=self._estimate(shard.number))
                outcomes = self._decide(roots, shard.release, side_by_side)
                shard = _further(shard, roots, outcomes, page.cursor)
                if self.composed.lake is not None and self.composed.lake.many:
                    self.composed.flush()
                if page.cursor is None:
                    self.composed.flush()
                    finished = milliseconds(self.composed.clock.now())
                    self._give_back(replace(shard, finished=finished, fraction=WHOLE, cursor=None, expected=None))
                    return "finished"
                if not self.time_left():
                    self.composed.flush()
                    self._give_back(shard)
                    return "unfinished"
                if self._real_now() - shard.moved >= SAVE_MS:
                    self.composed.flush()
                    if not self._wanted(shard.release):
                        return "superseded"
                    shard = self._note(shard)

    def _estimate(self, number: int) -> dict[str, int]:
        """Customers by the letter of their keys, from a few of each: so that progress can be told as a share."""
        found = {}
        for letter in LETTERS:
            page = self.composed.store.live_page(number, limit=PROBED, letter=letter)
            keys = [item["pk"] for item in page.items]
            found[letter] = estimated(keys, whole=page.cursor is None)
        return {letter: count for letter, count in found.items() if count}

    def _wanted(self, release: int) -> bool:
        """Whether the plan still aims at this release."""
        plan = self.backfilling.store.plan()
        return plan is not None and plan.release == release

    def _note(self, shard: Shard) -> Shard:
        real_now = self._real_now()
        until = real_now + self.lease // timedelta(milliseconds=1)
        return self.backfilling.store.put_shard(replace(shard, owner=self.owner, held_until=until, moved=real_now))

    def _give_back(self, shard: Shard) -> None:
        self.backfilling.store.put_shard(replace(shard, owner="", held_until=0, moved=self._real_now()))

    def _real_now(self) -> int:
        return milliseconds(self.backfilling.real.now())

    def _decide(self, roots: Sequence[str], release: int, side_by_side: SideBySide) -> list[Outcome]:
        """Every customer of a page; who fails is tried again, then given up."""
        outcomes = dict(zip(roots, side_by_side(roots, release), strict=True))
        for attempt in range(ATTEMPTS):
            left = [root for root, outcome in outcomes.items() if outcome == "error"]
            if not left or attempt == ATTEMPTS - 1:
                break
            time.sleep(0.1 * 3**attempt)
            outcomes |= zip(left, side_by_side(left, release), strict=True)
        if len(left) > max(1, len(roots) // 2):
            raise Throttled("most of a page could not be decided")
        for root in left:
            self._give_up(root, release, "failed again and again")
            outcomes[root] = "failed"
        for outcome in outcomes.values():
            self.tally.add(outcome)
        return list(outcomes.values())

    @contextmanager
    def _workers(self) -> Iterator[SideBySide]:
        """The work is waiting for the table, so customers wait together."""
        if self.composed.workers < 2:
            yield lambda roots, release: [self._one(root, release) for root in roots]
            return
        with ThreadPoolExecutor(self.composed.workers) as pool:
            yield lambda roots, release: list(pool.map(lambda root: self._one(root, release), roots))

    def _one(self, root: str, release: int) -> Outcome:
        now = self.composed.clock.now()
        try:
            try:
                written = self.composed.segmentation().raise_to(release, root, now)
            except NewerRelease:
                written = self.composed.segmentation(refresh=True).raise_to(release, root, now)
        except POISON as broken:
            self._give_up(root, release, kind_of(broken))
            return "failed"
        except Exception as error:  # noqa: BLE001 - whatever the network does, it is tried again
            log.warning("will try again: %s", kind_of(error))
            return "error"
        return "decided" if written else "skipped"

    def _give_up(self, root: str, release: int, reason: str) -> None:
        """The failure queue gets the customer's key; the walk goes on."""
        log.error("gave up a customer: %s", reason)
        body = {"function": "segment-on-queue", "pk": root, "release": release, "reason": reason}
        self.composed.failures.send_many([json.dumps(body)])


def _further(shard: Shard, roots: Sequence[str], outcomes: Sequence[Outcome], cursor: str | None) -> Shard:
    """The shard behind this page."""
    return replace(
        shard,
        cursor=cursor,
        done=shard.done + len(roots),
        decided=shard.decided + outcomes.count("decided"),
        failed=shard.failed + outcomes.count("failed"),
        fraction=fraction(shard.expected or {}, roots[-1]) if roots else shard.fraction,
    )
