"""The way of an enrollment through its steps up to now: which sends it meets, what it decides, and what it waits for.

A time goes along, from the clock: a wait moves it, a step that asks something is reached when it is now or past.
What was decided before stands in the enrollment; what is decided now is for the caller to write down before anything
follows from it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from msgspec import Struct, field

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import ChosenBranch, End, Enrollment
from shared.domain.journeys.evidence import ConditionContext, evidence
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.journeys.plan import ELSE, THEN, Planned
from shared.domain.journeys.random_assignment import arm_of, held_out
from shared.domain.journeys.step_definition import (
    BranchRule,
    BranchStep,
    EndStep,
    HoldoutStep,
    NoteStep,
    SendStep,
    SetStep,
    SplitStep,
    WaitForRule,
    WaitForStep,
    WaitStep,
    WaitUntil,
)
from shared.domain.journeys.step_state import Position, position
from shared.domain.journeys.waits import came_at, moment_to_wait_for

DO, DONE = "do", "done"
IN, OUT = "in", "out"
SPLIT, HOLDOUT = "split", "holdout"


class Write(Struct, frozen=True):
    """Something for the customer's log, decided at ``at``; writing it again changes nothing."""

    step: str
    at: datetime
    what: SetStep | NoteStep


class Walk(Struct):
    """``at``: the time that the walk came to. ``wake``: when the step ``stands_at`` is to be looked at again; None if
    the walk came to the end of the steps, or to ``end``."""

    at: datetime
    places: list[Position] = field(default_factory=list)
    decided: dict[str, ChosenBranch] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    wake: datetime | None = None
    stands_at: str = ""
    end: End | None = None


def walk(journey: JourneyDefinition, enrollment: Enrollment, outcomes: Outcomes, at: ConditionContext) -> Walk:
    """From ``at.clock`` on, as far as an enrollment can be at ``at.now``; sends that are due later are met too."""
    walker = _Walker(journey, enrollment, outcomes, at)
    if walker.steps(journey.plan.steps) and walker.found.at > at.now and not walker.last_sends:
        walker.stand(walker.last, walker.found.at)
    return walker.found


class _Walker:
    """``steps`` and what it calls say whether the walk goes on."""

    def __init__(
        self, journey: JourneyDefinition, enrollment: Enrollment, outcomes: Outcomes, at: ConditionContext
    ) -> None:
        self.journey, self.enrollment, self.outcomes, self.asked = journey, enrollment, outcomes, at
        self.found = Walk(at.clock)
        self.last, self.last_sends = "", True

    def steps(self, planned: tuple[Planned, ...]) -> bool:
        return all(self.step(one) for one in planned)

    def step(self, one: Planned) -> bool:
        step, found = one.step, self.found
        if isinstance(step, SendStep):
            if step.at is not None:
                found.at = max(found.at, self.asked.clock + step.at)
            found.places.append(position(step, self.enrollment, self.asked, self.outcomes, found.at))
            self.last_sends = True
            return True
        if isinstance(step, WaitStep) and isinstance(step.wait, timedelta):
            found.at += step.wait
            self.last, self.last_sends = one.id, False
            return True
        known = self.enrollment.steps.get(one.id)
        if isinstance(known, ChosenBranch) and (
            known.clock == self.asked.clock or isinstance(step, SetStep | NoteStep)
        ):
            return self.follow(one, known)
        if found.at > self.asked.now:
            return self.stand(one.id, found.at)
        return self.decide(one)

    def stand(self, name: str, wake: datetime) -> bool:
        self.found.wake, self.found.stands_at = wake, name
        return False

    def choose(self, one: Planned, choice: str, at: datetime, by: str = "") -> bool:
        decided = ChosenBranch(choice, at, self.asked.clock, by)
        self.found.decided[one.id] = decided
        return self.follow(one, decided)

    def decide(self, one: Planned) -> bool:
        """The step is reached: which way from here."""
        step, since = one.step, self.found.at
        match step:
            case WaitStep():
                assert isinstance(step.wait, WaitUntil)  # noqa: S101  durations went by before
                moment = moment_to_wait_for(step.wait, since, self.asked)
                if moment is None:
                    return self.finish("no_moment", since)
                return self.stand(one.id, moment) if moment > self.asked.now else self.choose(one, "until", moment)
            case WaitForStep():
                return self.wait_for(one, step.wait_for)
            case BranchStep():
                return self.choose(one, self.way(step.branch), since)
            case SplitStep():
                weights = {arm: rule.weight for arm, rule in step.split.items()}
                arm = arm_of(weights, self.asked.profile.id, self.journey.journey, one.dealt)
                return self.choose(one, arm, since, SPLIT)
            case HoldoutStep():
                out = held_out(step.holdout.percent, self.asked.profile.id, self.journey.journey, one.dealt)
                return self.choose(one, OUT if out else IN, since, HOLDOUT)
            case SetStep() | NoteStep():
                return self.choose(one, DO, since)
            case EndStep():
                return self.finish("ended", since, why=step.end)
            case SendStep():
                return True
            case _:
                assert_never(step)

    def wait_for(self, one: Planned, rule: WaitForRule) -> bool:
        since = self.found.at
        deadline = since + rule.at_most
        came = came_at(rule, since, self.enrollment.started_at, self.asked)
        if came is not None and came <= deadline:
            return self.choose(one, "came", came)
        return self.choose(one, "over", deadline) if self.asked.now >= deadline else self.stand(one.id, deadline)

    def way(self, branch: BranchRule) -> str:
        return ELSE if evidence(branch.if_, self.asked) is None else THEN

    def follow(self, one: Planned, decided: ChosenBranch) -> bool:
        """Go the way that was decided, now or before."""
        self.last, self.last_sends = one.id, False
        step, found = one.step, self.found
        if isinstance(step, SetStep | NoteStep):
            if decided.choice == DO and one.id not in found.decided:
                found.writes.append(Write(one.id, decided.at, step))
                found.decided[one.id] = ChosenBranch(DONE, decided.at, decided.clock)
            return True
        found.at = max(found.at, decided.at)
        if isinstance(step, WaitForStep) and decided.choice == "over" and step.wait_for.otherwise == "end":
            return self.finish("not_happened", decided.at, event=step.wait_for.event)
        if isinstance(step, HoldoutStep) and decided.choice == OUT:
            return self.finish("holdout", decided.at)
        return self.steps(one.arms.get(decided.choice, ()))

    def finish(self, reason: str, at: datetime, **evidence: str) -> bool:
        self.found.end = End(reason, at, evidence)
        return False
