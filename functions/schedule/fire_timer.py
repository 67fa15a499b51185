"""Due timers: each asks ``advance`` what follows now, and the answers of a page are carried out together.

The order of writes lets every step be repeated after a crash: record skips, arm the next timer, hand over, write the
enrollment on condition of its version, delete the timer on condition of its revision. Only the skip of an enrollment
that ends for another one is recorded after its end.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.customer_enrollments import CustomerEnrollments
from functions.schedule.service import ReleaseUnknown, Scheduling
from functions.schedule.unreadable import POISON
from shared.domain.campaigns.timer_names import of_campaign
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
from shared.domain.journeys.competing_enrollments import (
    Place,
    SentSteps,
    acting_enrollment,
    sent_before,
    too_soon_after,
)
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.messages.message import Reason
from shared.domain.messages.request import Channel
from shared.ports import Conflict, Queue
from shared.stores.controls import ControlStore
from shared.stores.timers import Arming, Timer, Timers

HOLD = timedelta(minutes=10)
"""How long a timer is put off whose journey is paused, or whose enrollment cannot be read whole."""
GRACE = timedelta(minutes=10)
"""How long a first timer without an enrollment is kept: it is armed before the enrollment is written."""
FIRST_REVISION = 1


@dataclass(slots=True)
class Work:
    """One timer and what follows from it."""

    timer: Timer
    enrollment: Enrollment | None = None
    customer: CustomerEnrollments | None = None
    step: Advance | None = None
    keep: bool = False
    armings: list[Arming] = field(default_factory=list)
    bodies: list[tuple[Channel, str]] = field(default_factory=list)

    @property
    def superseded(self) -> bool:
        """True if the enrollment ends for another one. If it changed meanwhile it may go on, so its skip is recorded
        after the end is stored: a step that is recorded as skipped is not sent any more."""
        end = self.step.enrollment.end if self.step is not None else None
        return end is not None and end.reason == Reason.SUPERSEDED


@dataclass(slots=True)
class Tally:
    """What was done, for the log line and the metrics. ``packed`` timers were handed over to the workers;
    ``handed_over`` counts messages for the channels."""

    fired: int = 0
    packed: int = 0
    handed_over: int = 0
    ended: int = 0
    left: int = 0
    poisoned: int = 0
    oldest: datetime | None = None
    """When the oldest due timer that was found was due."""
    errors: list[str] = field(default_factory=list)


class TimerFirer:
    """Acts on due timers, page by page, for the tick and for the workers of the queue.

    ``campaigns`` is None in the dry run, which has no campaigns.
    """

    def __init__(
        self,
        scheduling: Scheduling,
        timers: Timers,
        controls: ControlStore,
        queues: Mapping[Channel, Queue],
        failures: Queue,
        campaigns: CampaignTimers | None = None,
    ) -> None:
        self._scheduling = scheduling
        self._timers = timers
        self._controls = controls
        self._queues = queues
        self._failures = failures
        self._campaigns = campaigns

    def fire(self, timers: Sequence[Timer], now: datetime, tally: Tally) -> list[Timer]:
        """Acts on a page of due timers. Returns those that failed: they stay armed and are to be fired again."""
        left: list[Timer] = []
        held = self._controls.read().global_stop
        enrollments = [timer for timer in timers if not of_campaign(timer.home, timer.ref)]
        for timer in timers:
            if of_campaign(timer.home, timer.ref):
                self._of_campaign(timer, now, tally, left, held=held)
        works = self._decide_all(enrollments, now, tally, left, held=held)
        self._carry_out(works, now, tally, left)
        tally.left += len(left)
        return left

    def _of_campaign(self, timer: Timer, now: datetime, tally: Tally, left: list[Timer], *, held: bool) -> None:
        tally.fired += 1
        try:
            if self._campaigns is None:
                raise LookupError("no campaigns here")
            tally.handed_over += self._campaigns.fire(timer, now, held=held)
        except POISON as broken:
            self._give_up(timer, broken, tally)
        except Exception as error:  # noqa: BLE001 - one timer's error must not keep the others waiting
            left.append(timer)
            tally.errors.append(type(error).__name__)

    def _decide_all(
        self, page: Sequence[Timer], now: datetime, tally: Tally, left: list[Timer], *, held: bool
    ) -> list[Work]:
        works = []
        for timer in page:
            tally.fired += 1
            try:
                work = self._decide(timer, now, held=held)
                self._write_out(work)
                if work.step is not None and work.customer is not None and not work.superseded:
                    self._scheduling.record_skips(work.step, work.customer.tree.root, now)
            except POISON as broken:
                self._give_up(timer, broken, tally)
            except ReleaseUnknown as error:  # nothing is decided without it; not asked again every minute
                works.append(self._again(timer, None, now))
                tally.errors.append(type(error).__name__)
            except Exception as error:  # noqa: BLE001 - one timer's error must not keep the others waiting
                left.append(timer)
                tally.errors.append(type(error).__name__)
            else:
                works.append(work)
        return works

    def _decide(self, timer: Timer, now: datetime, *, held: bool) -> Work:
        customer = self._scheduling.customer_enrollments(timer.home)
        enrollment = customer.find(timer.home, timer.ref)
        if enrollment is None:
            return Work(timer, keep=_may_come(timer, customer, now))
        if not enrollment.live:
            return Work(timer)
        switch = self._scheduling.switch(enrollment.journey, enrollment)
        if held or switch == "paused":
            return self._again(timer, enrollment, now)
        release, journey = self._scheduling.definition(enrollment)
        if journey is None:
            raise LookupError("the enrollment's release does not hold its journey")
        outcomes, rules = self._scheduling.outcomes(journey, enrollment, now), self._scheduling.rules(release)
        said = self._scheduling.sent_steps(enrollment, outcomes, customer, now)
        signal: Signal | None
        if switch == "stopped":
            signal = JourneyStopped(self._scheduling.switched_at(enrollment))
        else:
            signal = self._signal(journey, enrollment, customer, said, now)
        if signal is None:
            return self._again(timer, enrollment, now)
        before = sent_before(journey, enrollment, said)
        step = advance(journey, enrollment, signal, customer.profile, outcomes, rules, now, before)
        chosen = with_choices(enrollment, step)
        if chosen is not None:
            enrollment = self._scheduling.store(enrollment, chosen, customer)
            step = advance(journey, enrollment, signal, customer.profile, outcomes, rules, now, before)
        return Work(timer, enrollment, customer, step)

    def _write_out(self, work: Work) -> None:
        """What the step arms and hands over, as it will be written: what cannot be is found here, one by one, and keeps
        nobody else of the page waiting."""
        for effect in work.step.effects if work.step else ():
            if isinstance(effect, Arm):
                work.armings.append(self._arming(work.timer, work.enrollment, effect.due, effect.step))
            elif isinstance(effect, Send):
                work.bodies.append((effect.request.own_channel, effect.request.model_dump_json(exclude_none=True)))
        for arming in work.armings:
            self._timers.armed(arming)

    def _again(self, timer: Timer, enrollment: Enrollment | None, now: datetime) -> Work:
        """Puts the timer off: nothing can be decided now."""
        return Work(timer, enrollment, armings=[self._arming(timer, enrollment, now + HOLD, timer.step)])

    @staticmethod
    def _arming(timer: Timer, enrollment: Enrollment | None, due: datetime, step: str) -> Arming:
        return Arming("journey", due, timer.home, timer.ref, enrollment.version + 1 if enrollment else 0, step)

    def _signal(
        self,
        journey: JourneyDefinition,
        enrollment: Enrollment,
        customer: CustomerEnrollments,
        said: Mapping[Place, SentSteps],
        now: datetime,
    ) -> Signal | None:
        """Of two live enrollments that exclude each other one acts: unless its exit rule ends it, and nobody noticed
        yet, or its journey was stopped by hand. None while another journey of the group that goes first is paused: it
        is not said yet which of the two will speak.

        The one that acts is looked at at once: what this one was about to do is its own now, and it may have been
        planned for another cart, or for nobody who could be reached. Its version rises before this one ends for it, so
        that two who look at each other at once never end each other.
        """
        enrollments = [
            other for other in customer.enrollments if self._scheduling.switch(other.journey, other) != "stopped"
        ]
        while (competitor := acting_enrollment(enrollment, enrollments, said)) is not None:
            acting = self._scheduling.stop_if_due(competitor, customer, now)
            if acting.live:
                if competitor.journey == enrollment.journey:
                    self._timers.arm("journey", now, competitor.home, competitor.ref, competitor.version)
                elif self._scheduling.switch(competitor.journey) == "paused":
                    return None
                self._scheduling.bump(acting, customer)
                return Superseded(competitor)
            enrollments.remove(competitor)
        before = too_soon_after(journey, enrollment, customer.enrollments, customer.profile, said)
        return TimerFired() if before is None else Superseded(before)

    def _carry_out(self, works: list[Work], now: datetime, tally: Tally, left: list[Timer]) -> None:
        armings = [arming for work in works for arming in work.armings]
        if armings:
            self._timers.arm_many(armings)
        works = [work for work in works if self._carried_out(work, tally)]
        bodies: dict[Channel, list[str]] = defaultdict(list)
        for channel, body in (pair for work in works for pair in work.bodies):
            bodies[channel].append(body)
        for channel, requests in bodies.items():
            self._queues[channel].send_many(requests)
            tally.handed_over += len(requests)
        for work in works:
            if not self._stored(work, now, tally):
                left.append(work.timer)
            elif not work.keep:
                self._timers.delete(work.timer)

    def _carried_out(self, work: Work, tally: Tally) -> bool:
        """Writes the step's events. False if that can never succeed; then nothing of the step is handed over."""
        if work.enrollment is not None and work.step is not None and work.customer is not None:
            try:
                self._scheduling.carry_out(work.step, work.enrollment, work.customer)
            except POISON as broken:
                self._give_up(work.timer, broken, tally)
                return False
        return True

    def _stored(self, work: Work, now: datetime, tally: Tally) -> bool:
        """Stores the enrollment. False if it was changed meanwhile: its timer stays and is decided again."""
        if (
            work.enrollment is None
            or work.step is None
            or work.customer is None
            or work.step.enrollment is work.enrollment
        ):
            return True
        try:
            self._scheduling.store(work.enrollment, work.step.enrollment, work.customer)
        except Conflict:
            return False
        except POISON as broken:
            self._give_up(work.timer, broken, tally)
            return True
        if work.superseded:
            self._scheduling.record_skips(work.step, work.customer.tree.root, now)
        tally.ended += not work.step.enrollment.live
        return True

    def _give_up(self, timer: Timer, broken: Exception, tally: Tally) -> None:
        """Sends the timer's key to the failure queue. Whoever repairs the cause arms the timer again."""
        tally.poisoned += 1
        body = {
            "function": "schedule-on-due",
            "kind": timer.kind,
            "due": timer.due.isoformat(),
            "home": timer.home,
            "ref": timer.ref,
            "revision": timer.revision,
            "step": timer.step,
            "reason": type(broken).__name__,
        }
        self._failures.send_many([json.dumps(body)])
        self._timers.delete(timer)


def _may_come(timer: Timer, customer: CustomerEnrollments, now: datetime) -> bool:
    """True if the timer's enrollment may be written any moment: no later timer's, and nobody's whose person was
    erased."""
    known = any(member.control.customer or member.control.facts for member in customer.tree.members)
    return known and timer.revision <= FIRST_REVISION and now - timer.due < GRACE
