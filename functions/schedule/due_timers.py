"""What is due this minute: worked on at once if it is little, else handed over in batches to the workers of a queue.

A shard with more than a page is handed over under its lease, and the lease keeps how far and for how long that is
believed. So the next tick hands the same over again only if it still stands by then: a batch that got lost is late,
never gone, because a timer is deleted by who did its work. The workers' concurrency is the throttle for the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.schedule.fire_timer import Tally, TimerFirer
from functions.schedule.timer_batches import batch_bodies
from shared.domain.campaigns.timer_names import is_walk
from shared.domain.identity.keys import milliseconds
from shared.ports import Queue
from shared.stores.timer_leases import Lease, covered
from shared.stores.timers import PAGE, Due, Timer, Timers

HANDED_FOR = timedelta(minutes=15)
"""How long the workers have before a timer that still stands is handed over again; longer than SQS offers a batch anew
after a worker died."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one invocation may take: its name as the owner of leases, when they end, and whether time is left."""

    owner: str
    until: datetime
    time_left: Callable[[], bool]


class DueTimers:
    """Asks every shard once and decides who works: this function or the workers."""

    def __init__(self, timers: Timers, firer: TimerFirer, work: Queue) -> None:
        self._timers = timers
        self._firer = firer
        self._work = work

    def drain(self, now: datetime, *, owner: str, until: datetime, time_left: Callable[[], bool]) -> Tally:
        """Hands over large shards, then works on small ones. What does not fit into the time waits for the next
        tick."""
        tally = Tally()
        budget = Budget(owner, until, time_left)
        little: list[Due] = []
        for due in self._timers.due("journey", now):
            tally.oldest = min([one.due for one in due.timers] + ([tally.oldest] if tally.oldest else []), default=None)
            if not due.more:
                little.append(due)
            elif time_left():
                self._guarded(self._hand_over, due, now, budget, tally)
        for due in little:
            if time_left():
                self._guarded(self._do, due, now, budget, tally)
        return tally

    def _guarded(
        self,
        act: Callable[[Due, Lease, datetime, Budget, Tally], None],
        due: Due,
        now: datetime,
        budget: Budget,
        tally: Tally,
    ) -> None:
        """Works under the shard's lease, unless somebody else has it. An error costs this shard its turn and no
        other."""
        try:
            with self._timers.leased(due.shard, owner=budget.owner, now=now, until=budget.until) as lease:
                if lease is not None:
                    act(due, lease, now, budget, tally)
        except Exception as error:  # noqa: BLE001 - whatever it was, its timers stand, and the tick says so in the end
            tally.errors.append(type(error).__name__)

    def _do(self, due: Due, lease: Lease, now: datetime, _budget: Budget, tally: Tally) -> None:
        at = milliseconds(now)
        self._fire(due.shard, [timer for timer in due.timers if not covered(lease.marks, timer.sk, at)], now, tally)

    def _fire(self, shard: str, timers: list[Timer], now: datetime, tally: Tally) -> None:
        """Here, except what takes seconds. That is not marked: who walks a shard twice notices."""
        walks = [timer for timer in timers if is_walk(timer.home, timer.ref)]
        if walks:
            self._work.send_many(batch_bodies(shard, walks))
            tally.packed += len(walks)
        self._firer.fire([timer for timer in timers if timer not in walks], now, tally)

    def _hand_over(self, due: Due, lease: Lease, now: datetime, budget: Budget, tally: Tally) -> None:
        """Oldest first. A first page that is small is done here: the rest of the shard is with the workers already."""
        first = True
        for gap, timers in self._timers.not_handed(lease, now):
            if first and len(timers) <= PAGE:
                self._fire(due.shard, timers, now, tally)
            else:
                self._work.send_many(batch_bodies(due.shard, timers, again=gap.again))
                lease.hand_over(gap, timers[-1].sk, now + HANDED_FOR)
                tally.packed += len(timers)
            first = False
            if not budget.time_left():
                return
