"""The steps of a journey by name: what is inside a branch or a split has a name too, and a place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec import Struct, field

from shared.domain.journeys.conditions import Condition
from shared.domain.journeys.local_moments import LocalMoment
from shared.domain.journeys.step_definition import (
    FRESH_FOR,
    BranchStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntil,
)

THEN, ELSE = "then", "else"


class Planned(Struct, frozen=True):
    """One step. ``id``: its own, else made of its kind and its place (``wait_for.1``, ``branch.2.then.wait.0``), which
    no id of an author can be. ``path``: its place in the file. ``arms``: the steps under each choice."""

    id: str
    step: Step
    path: str
    dealt: str = ""
    """The name by which chance is asked: the id, else the kind and its number, so that a step of another kind that is
    put in front deals nobody anew."""
    arms: Mapping[str, tuple[Planned, ...]] = field(default_factory=dict)


class Plan(Struct, frozen=True):
    """Made once per definition."""

    steps: tuple[Planned, ...]
    sends: tuple[SendStep, ...]
    """Every step that sends, whichever way leads there, in the order of the file."""
    waits: tuple[WaitForStep, ...]
    worth_starting: timedelta = FRESH_FOR
    """How long after what begins it the first message can still be fresh, on the path with the longest waits."""

    @property
    def all(self) -> Iterator[Planned]:
        """Every step, in the order of the file."""
        return _all(self.steps)

    def send(self, name: str) -> SendStep | None:
        return next((step for step in self.sends if step.id == name), None)


def plan_of(steps: tuple[Step, ...]) -> Plan:
    planned = _planned(steps, "", "steps", Counter())
    everything = list(_all(planned))
    return Plan(
        planned,
        tuple(one.step for one in everything if isinstance(one.step, SendStep)),
        tuple(one.step for one in everything if isinstance(one.step, WaitForStep)),
        _worth_starting(planned),
    )


def _worth_starting(planned: tuple[Planned, ...]) -> timedelta:
    waited, found = _first_message(planned)
    return waited if found else waited + FRESH_FOR


def _first_message(planned: tuple[Planned, ...]) -> tuple[timedelta, bool]:
    """The waits up to the first message and as long as that is fresh, and whether there is one on every path."""
    waited = timedelta()
    for one in planned:
        step = one.step
        if isinstance(step, SendStep):
            return max(waited, step.at or timedelta()) + step.fresh_for, True
        if isinstance(step, WaitStep):
            waited += step.wait if isinstance(step.wait, timedelta) else _longest(step.wait)
        elif isinstance(step, WaitForStep):
            waited += step.wait_for.at_most
        elif one.arms:
            arms = [_first_message(arm) for arm in one.arms.values()]
            waited += max(arm for arm, _ in arms)
            if all(found for _, found in arms):
                return waited, True
    return waited, False


def _longest(wait: WaitUntil) -> timedelta:
    """A time of the day comes within a day, a day of the week within a week."""
    by_week = isinstance(wait.until, LocalMoment) and wait.until.weekday is not None
    return timedelta(days=7 if by_week else 1)


def kind_of(step: Step) -> str:
    """The word that makes the step."""
    return type(step).__name__.removesuffix("Step").lower() if not isinstance(step, WaitForStep) else "wait_for"


def _planned(steps: Iterable[Step], above: str, path: str, seen: Counter[str]) -> tuple[Planned, ...]:
    found = []
    for place, step in enumerate(steps):
        kind = kind_of(step)
        name = step.id or f"{above}{kind}.{place}"
        dealt = step.id or f"{kind}.{seen[kind]}"
        seen[kind] += 1
        here = f"{path}[{place}]"
        found.append(Planned(name, step, here, dealt, _arms(step, f"{above}{kind}.{place}.", here, seen)))
    return tuple(found)


def _arms(step: Step, above: str, path: str, seen: Counter[str]) -> dict[str, tuple[Planned, ...]]:
    if isinstance(step, BranchStep):
        rule = step.branch
        return {
            THEN: _planned(rule.then, f"{above}{THEN}.", f"{path}.branch.then", seen),
            ELSE: _planned(rule.else_, f"{above}{ELSE}.", f"{path}.branch.else", seen),
        }
    if isinstance(step, SplitStep):
        return {
            arm: _planned(rule.steps, f"{above}{arm}.", f"{path}.split.{arm}.steps", seen)
            for arm, rule in step.split.items()
        }
    return {}


def _all(steps: Iterable[Planned]) -> Iterator[Planned]:
    for one in steps:
        yield one
        for arm in one.arms.values():
            yield from _all(arm)


def conditions_in(plan: Plan) -> Iterator[Condition]:
    """Every condition that a step asks."""
    for one in plan.all:
        if isinstance(one.step, SendStep) and one.step.unless is not None:
            yield one.step.unless
        elif isinstance(one.step, BranchStep):
            yield one.step.branch.if_
