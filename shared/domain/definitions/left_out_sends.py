"""Commercial sends that are never made, because another one is due at the same moment on every path that follows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import timedelta

from msgspec import Struct

from shared.domain.journeys.definition import EndStep, NoteStep, SendStep, SetStep, WaitStep
from shared.domain.journeys.plan import Plan, Planned
from shared.domain.journeys.step_definition import WaitUntil


class _Rest(Struct, frozen=True):
    """What follows a step: the rest of its list, then what follows the branch or the split that holds the list."""

    steps: tuple[Planned, ...]
    place: int
    then: _Rest | None = None


class _Moment(Struct, frozen=True):
    """When a step is reached: at the least so long after the clock; ``until``: the wait that ended just then. The same
    wait once more takes no time."""

    after: timedelta = timedelta()
    until: WaitUntil | None = None


_Known = dict[tuple[int, int], Planned | None]


def left_out_sends(plan: Plan) -> Iterator[tuple[SendStep, Planned]]:
    """Each commercial send of which the later one is always kept (``piled_up``), with that later one.

    A later one with ``unless`` may not go out itself, so it takes the place of none. Neither does one that comes on
    some paths only: whoever goes another way gets the earlier one.
    """
    yield from _walk(plan.steps, None, _Moment())


def _walk(
    steps: tuple[Planned, ...], then: _Rest | None, moment: _Moment
) -> Generator[tuple[SendStep, Planned], None, bool]:
    """Returns whether every path ends in here: what follows is never reached."""
    for place, one in enumerate(steps):
        step, rest = one.step, _Rest(steps, place + 1, then)
        if isinstance(step, SendStep):
            if step.at is not None and step.at > moment.after:
                moment = _Moment(step.at)
            later = _instead(rest, moment, {}) if step.purpose == "marketing" else None
            if later is not None:
                yield step, later
        elif isinstance(step, WaitStep):
            moment = _waited(moment, step)
        elif isinstance(step, EndStep):
            return True
        elif not isinstance(step, SetStep | NoteStep):
            ended = bool(one.arms)
            for arm in one.arms.values():
                ended &= yield from _walk(arm, rest, moment)
            if ended:
                return True
            moment = _Moment(moment.after)
    return False


def _waited(moment: _Moment, step: WaitStep) -> _Moment:
    if isinstance(step.wait, timedelta):
        return _Moment(moment.after + step.wait) if step.wait else moment
    return _Moment(moment.after, step.wait)


def _instead(rest: _Rest | None, moment: _Moment, known: _Known) -> Planned | None:
    """The commercial send that is due at this moment whichever path is taken; None if a path has none.

    ``known``: the answers for this moment, so that many branches in a row are looked through once.
    """
    while rest is not None and rest.place == len(rest.steps):
        rest = rest.then
    if rest is None:
        return None
    key = (id(rest.steps), rest.place)
    if key not in known:
        known[key] = _of_next(rest.steps[rest.place], _Rest(rest.steps, rest.place + 1, rest.then), moment, known)
    return known[key]


def _of_next(one: Planned, rest: _Rest, moment: _Moment, known: _Known) -> Planned | None:
    step = one.step
    if isinstance(step, SendStep):
        if step.at is not None and step.at > moment.after:
            return None
        return one if step.purpose == "marketing" and step.unless is None else _instead(rest, moment, known)
    if isinstance(step, SetStep | NoteStep) or (isinstance(step, WaitStep) and _waited(moment, step) == moment):
        return _instead(rest, moment, known)
    found = [_instead(_Rest(arm, 0, rest), moment, known) for arm in one.arms.values()]
    return found[0] if all(found) and found else None
