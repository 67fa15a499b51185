"""What a journey's steps say that cannot be meant: nothing of it is refused by the model, because what was published
before it was asked must stay readable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from shared.domain.definitions.left_out_sends import left_out_sends
from shared.domain.definitions.problems import Problem
from shared.domain.journeys.definition import EndStep, JourneyDefinition, NoteStep, SendStep, SetStep, WaitStep
from shared.domain.journeys.plan import Planned
from shared.domain.messages.address import ADDRESS_TRAITS
from shared.domain.time.durations import duration_text


def step_problems(file: str, journey: JourneyDefinition) -> Iterator[Problem]:
    """In the order of the file."""
    if journey.stop_when is not None and journey.stop_when == journey.start.if_:
        message = "what begins the journey stops it: nothing is ever sent"
        yield Problem(file, "stop_when", message, "write what ends it")
    for name in sorted(journey.asked & set(ADDRESS_TRAITS)):
        message = f"{name} is an address, and what a run asks of its event is kept with the run"
        yield Problem(file, "one_per" if journey.one_per == name else "steps", message, "name an id")
    if not any(isinstance(one.step, SendStep | SetStep | NoteStep) for one in journey.plan.all):
        yield Problem(file, "steps", "no step sends or writes anything", "add a step such as send: TEMPLATE")
    yield from _list(file, journey.plan.steps)
    for one in journey.plan.all:
        for arm in one.arms.values():
            yield from _list(file, arm)
    for earlier, later in left_out_sends(journey.plan):
        yield _same_moment(file, later.path, earlier)


def _list(file: str, steps: tuple[Planned, ...]) -> Iterator[Problem]:
    """``after``: so long after the clock, at the least, each step comes."""
    after, ended = timedelta(), False
    for one in steps:
        if ended:
            yield Problem(file, one.path, "it comes after end, and is never reached", "take it out, or move it up")
            return
        step = one.step
        if isinstance(step, WaitStep) and isinstance(step.wait, timedelta):
            yield from _wait(file, one.path, step.wait)
            after += step.wait
        elif isinstance(step, SendStep):
            yield from _send(file, one.path, step, after)
            after = max(after, step.at or after)
        ended = isinstance(step, EndStep)


def _same_moment(file: str, path: str, earlier: SendStep) -> Problem:
    """Of two commercial sends that are due together the later is kept, so the earlier is never sent."""
    message = f"it is due at the same moment as {earlier.id}, so {earlier.id} is always left out (piled_up)"
    return Problem(file, path, message, f"put a wait between them, or write a later at, or take {earlier.id} out")


def _wait(file: str, path: str, wait: timedelta) -> Iterator[Problem]:
    if wait <= timedelta():
        yield Problem(
            file, f"{path}.wait", f"a wait of {duration_text(wait)} is none", "write such as 3d, or take it out"
        )


def _send(file: str, path: str, step: SendStep, after: timedelta) -> Iterator[Problem]:
    if step.at is not None and step.at < after:
        message = f"at counts from the clock, and the step is reached {duration_text(after)} after it at the earliest"
        yield Problem(file, f"{path}.at", message, "leave at out, or write a later one")
    if step.no_reaction is None:
        return
    if step.no_reaction.after <= timedelta():
        yield Problem(file, f"{path}.no_reaction.after", "nobody reacts in no time", "write such as 4h")
    if len(step.channels) < 2:
        message = "there is no next channel for who does not react"
        yield Problem(file, f"{path}.no_reaction", message, "name another channel in channels, or take no_reaction out")
