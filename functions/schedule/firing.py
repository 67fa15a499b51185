"""Due timers: each asks ``advance`` what follows now, and the answers of a page are carried out together.

The order of writes lets every step be repeated after a crash: record skips, arm the next timer, hand over, write the
run on condition of its version, delete the timer on condition of its revision.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.schedule.runs import CustomerRuns
from functions.schedule.service import Scheduling
from shared.domain.journeys.advance import (
    Advance,
    Arm,
    JourneyStopped,
    Send,
    Signal,
    Superseded,
    TimerFired,
    advance,
    with_choices,
)
from shared.domain.journeys.enrollment import Enrollment, earliest_live
from shared.domain.messages.request import Channel
from shared.ports import Conflict, Queue, Throttled
from shared.stores.controls import ControlStore
from shared.stores.timers import Arming, Timer, Timers

POISON = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)
"""What data that nobody can read looks like; what the network does looks different and is tried again."""
HOLD = timedelta(minutes=10)
"""How long a paused journey's timers are put off."""
GRACE = timedelta(minutes=10)
"""A timer is armed before its run is written; so long the run may still appear."""


@dataclass(slots=True)
class Work:
    """One timer, and what follows from it."""

    timer: Timer
    run: Enrollment | None = None
    customer: CustomerRuns | None = None
    step: Advance | None = None
    again_at: datetime | None = None
    keep: bool = False


@dataclass(slots=True)
class Tally:
    """What a drain did, for its log line and its metrics."""

    fired: int = 0
    handed_over: int = 0
    ended: int = 0
    left: int = 0
    poisoned: int = 0
    errors: list[str] = field(default_factory=list)


class Firing:
    """Drains the due timers of journeys."""

    def __init__(
        self,
        scheduling: Scheduling,
        timers: Timers,
        controls: ControlStore,
        queues: Mapping[Channel, Queue],
        failures: Queue,
    ) -> None:
        self._scheduling = scheduling
        self._timers = timers
        self._controls = controls
        self._queues = queues
        self._failures = failures

    def drain(self, now: datetime, *, owner: str, until: datetime, time_left: Callable[[], bool]) -> Tally:
        """Work until nothing is due or the time of this invocation is over; what is left waits for the next tick."""
        tally = Tally()
        pages = self._timers.drain("journey", now, owner=owner, until=until)
        held = None
        try:
            for page in pages:
                held = self._controls.read().global_stop if held is None else held
                self._carry_out(self._decide_all(page, now, tally, held=held), now, tally)
                if not time_left():
                    break
        except Throttled as busy:
            tally.errors.append(type(busy).__name__)
        finally:
            pages.close()
        return tally

    def _decide_all(self, page: list[Timer], now: datetime, tally: Tally, *, held: bool) -> list[Work]:
        works = []
        for timer in page:
            tally.fired += 1
            try:
                work = self._decide(timer, now, held=held)
                if work.step is not None and work.customer is not None:
                    self._scheduling.record_skips(work.step, work.customer.tree.root, now)
            except POISON as broken:
                self._give_up(timer, broken, tally)
            except Exception as trouble:  # noqa: BLE001 - one timer's trouble must not keep the others waiting
                tally.left += 1
                tally.errors.append(type(trouble).__name__)
            else:
                works.append(work)
        return works

    def _decide(self, timer: Timer, now: datetime, *, held: bool) -> Work:
        customer = self._scheduling.customer_runs(timer.home)
        run = customer.find(timer.home, timer.ref)
        if run is None:
            return Work(timer, keep=now - timer.due < GRACE)
        if not run.live:
            return Work(timer)
        switch = self._scheduling.switch(run.journey)
        if held or switch == "paused":
            return Work(timer, run, again_at=now + HOLD)
        release, journey = self._scheduling.definition(run)
        if journey is None:
            raise LookupError("the run's release does not hold its journey")
        signal = JourneyStopped() if switch == "stopped" else self._signal(run, customer, now)
        outcomes = self._scheduling.outcomes(journey, run, now)
        step = advance(journey, run, signal, customer.profile, outcomes, release.shop, now)
        chosen = with_choices(run, step)
        if chosen is not None:
            run = self._scheduling.store(run, chosen, customer)
            step = advance(journey, run, signal, customer.profile, outcomes, release.shop, now)
        return Work(timer, run, customer, step)

    def _signal(self, run: Enrollment, customer: CustomerRuns, now: datetime) -> Signal:
        """Of two live runs in one tree the earlier acts: unless its exit rule ends it, and nobody noticed yet."""
        runs = list(customer.runs)
        while (earliest := earliest_live(runs, run.journey)) is not None and earliest.order < run.order:
            if self._scheduling.stop_if_due(earliest, customer, now).live:
                return Superseded(earliest.ref)
            runs.remove(earliest)
        return TimerFired()

    def _carry_out(self, works: list[Work], now: datetime, tally: Tally) -> None:
        armings: list[Arming] = []
        bodies: dict[Channel, list[str]] = defaultdict(list)
        for work in works:
            dues = [work.again_at] if work.again_at else []
            for effect in work.step.effects if work.step else ():
                if isinstance(effect, Arm):
                    dues.append(effect.due)
                elif isinstance(effect, Send):
                    bodies[effect.request.channel].append(effect.request.model_dump_json(exclude_none=True))
            revision = work.run.version + 1 if work.run else 0
            armings += [("journey", due, work.timer.home, work.timer.ref, revision) for due in dues]
        if armings:
            self._timers.arm_many(armings)
        for channel, requests in bodies.items():
            self._queues[channel].send_many(requests)
            tally.handed_over += len(requests)
        for work in works:
            if self._stored(work, tally) and not work.keep:
                self._timers.delete(work.timer)

    def _stored(self, work: Work, tally: Tally) -> bool:
        """False if the run moved meanwhile: its timer stays, and the next tick looks at it as it is then."""
        if work.run is None or work.step is None or work.customer is None or work.step.enrollment is work.run:
            return True
        try:
            self._scheduling.store(work.run, work.step.enrollment, work.customer)
        except Conflict:
            tally.left += 1
            return False
        tally.ended += not work.step.enrollment.live
        return True

    def _give_up(self, timer: Timer, broken: Exception, tally: Tally) -> None:
        """The failure queue gets the timer's key; whoever mends the cause arms it again."""
        tally.poisoned += 1
        body = {
            "function": "schedule-on-due",
            "kind": timer.kind,
            "due": timer.due.isoformat(),
            "home": timer.home,
            "ref": timer.ref,
            "reason": type(broken).__name__,
        }
        self._failures.send_many([json.dumps(body)])
        self._timers.delete(timer)
