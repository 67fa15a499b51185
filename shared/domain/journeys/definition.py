"""The language of journeys (definitions.md): what a marketer writes, checked word by word."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.journeys.conditions import MAX_DEPTH, Condition, PropertyName, depth_of, nodes_of, same_of
from shared.domain.journeys.plan import Plan, conditions_in, plan_of
from shared.domain.journeys.start_definition import (
    DateStart,
    EnteredStart,
    EventStart,
    LeftStart,
    Start,
    WhenStart,
)
from shared.domain.journeys.step_definition import (
    BranchStep,
    EndStep,
    HoldoutStep,
    Name,
    NoteStep,
    PropertyMoment,
    SendStep,
    SetStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntil,
)
from shared.domain.messages.request import PRIORITY
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.state_rules import HasConsent, Reachable
from shared.domain.time.durations import Duration, duration_text

__all__ = [
    "BranchStep", "Clock", "DateStart", "EndStep", "EnteredStart", "EventStart", "Goal", "HoldoutStep",
    "JourneyDefinition", "LeftStart", "NoteStep", "Reenter", "SendStep", "SetStep", "SplitStep", "Start", "Step",
    "WaitForStep", "WaitStep", "WhenStart",
]  # fmt: skip

MAX_STEPS = 100
"""In one journey, whatever they are inside of."""


class Clock(Strict):
    """What ``at`` counts from, and when that stops moving (docs/definitions.md#the-clock-of-a-cart)."""

    from_: Literal["start", "last_cart_change"] = Field(default="start", alias="from")
    freezes_at: Literal["first_send"] = "first_send"


class Reenter(Strict):
    """How long after an enrollment that sent something the next may begin. One that sent nothing blocks nothing."""

    after: Duration


class GoalWithin(Strict):
    within: Duration


class Goal(Strict):
    """What the journey wants: an order within this time after its start. Measured, not acted on."""

    ordered: GoalWithin


class JourneyDefinition(Strict):
    """One journey, ``definitions/journeys/<name>.yaml``.

    ``one_per``: a property of the event that begins it; each value of it begins one enrollment, and only one, ever.
    ``priority``: whose message goes first where a cap leaves room for one; larger wins. ``group``: while an enrollment
    of one journey of a group is live, none of another begins that has no higher priority; one that has ends it.
    """

    journey: Name
    label: dict[str, str] = Field(default_factory=dict)
    start: Start
    clock: Clock = Clock.model_construct()
    reenter: Reenter | None = None
    one_per: PropertyName | None = None
    stop_when: Condition | None = None
    goal: Goal | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = PRIORITY
    group: Name | None = None
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._names()
        self._order()
        if self.clock.from_ == "last_cart_change" and not isinstance(self.start, WhenStart):
            raise ValueError("clock: {from: last_cart_change} needs start: {when: cart_changed}")
        if not isinstance(self.start, EventStart):
            if self.one_per is not None:
                raise ValueError("one_per is a property of an event; it needs start: {event: NAME}")
            same = next(iter(self.same), None)
            if same is not None:
                raise ValueError(
                    f"{same} is asked of the event that begins the enrollment; that needs start: {{event: NAME}}"
                )
        if any(depth_of(condition) > MAX_DEPTH for condition in self.conditions):
            raise ValueError(
                f"conditions are nested deeper than {MAX_DEPTH}; make a segment of a part and use in_segment"
            )
        if any(isinstance(one, HasConsent | Reachable) for asked in self.conditions for one in nodes_of(asked)):
            raise ValueError("journeys meet no addresses; make a segment of consent or reachable and ask in_segment")
        if sum(1 for _ in self.plan.all) > MAX_STEPS:
            raise ValueError(f"there are more than {MAX_STEPS} steps; make two journeys of it")
        return self

    def _names(self) -> None:
        seen: set[str] = set()
        for one in self.plan.all:
            if one.id in seen:
                raise ValueError(f"two steps are called {one.id}; give each its own id")
            seen.add(one.id)

    def _order(self) -> None:
        """``at`` only ever rises along a list of steps, so that what stands later comes later."""
        for steps in (self.plan.steps, *(arm for one in self.plan.all for arm in one.arms.values())):
            self._rises([one.step for one in steps])

    @staticmethod
    def _rises(steps: Iterable[Step]) -> None:
        timed = [(step.id, step.at) for step in steps if isinstance(step, SendStep) and step.at is not None]
        for (before, earlier), (after, later) in pairwise(timed):
            if later < earlier:
                raise ValueError(
                    f"step {after} (at: {duration_text(later)}) comes before {before} "
                    f"(at: {duration_text(earlier)}); order the steps by at"
                )

    @property
    def plan(self) -> Plan:
        """The steps by name; made once."""
        return compiled_rule(self.steps, plan_of)

    @property
    def sends(self) -> tuple[SendStep, ...]:
        """Every step that sends, inside branches and splits too."""
        return self.plan.sends

    @property
    def conditions(self) -> Iterator[Condition]:
        """Every condition that the journey asks anywhere."""
        if self.start.if_ is not None:
            yield self.start.if_
        if self.stop_when is not None:
            yield self.stop_when
        yield from conditions_in(self.plan)

    @property
    def same(self) -> Iterator[str]:
        """The properties of the event that began the enrollment that are asked later: what is the same, and when."""
        for one in self.plan.all:
            if isinstance(one.step, WaitForStep) and one.step.wait_for.same is not None:
                yield one.step.wait_for.same
            elif isinstance(one.step, WaitStep) and isinstance(one.step.wait, WaitUntil):
                until = one.step.wait.until
                if isinstance(until, PropertyMoment):
                    yield until.property
        for condition in self.conditions:
            yield from same_of(condition)

    @property
    def moments(self) -> frozenset[str]:
        """The properties of the event that began the enrollment that name an instant to wait for."""
        waits = (
            one.step.wait.until
            for one in self.plan.all
            if isinstance(one.step, WaitStep) and isinstance(one.step.wait, WaitUntil)
        )
        return frozenset(until.property for until in waits if isinstance(until, PropertyMoment))

    @property
    def asked(self) -> frozenset[str]:
        """The properties of the event that begins an enrollment that are kept with the enrollment."""
        return frozenset((*self.same, *([self.one_per] if self.one_per else [])))

    def step(self, name: str) -> SendStep | None:
        return self.plan.send(name)
