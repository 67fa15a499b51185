"""What may be wrong with a journey beside the other definitions: its templates, segments, coupons, and the night."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import time, timedelta
from difflib import get_close_matches

from shared.domain.coupons.check import give_problems
from shared.domain.definitions.problems import Problem
from shared.domain.definitions.shop import SendHours, Shop
from shared.domain.definitions.step_problems import step_problems
from shared.domain.journeys.conditions import Condition, nodes_of
from shared.domain.journeys.definition import (
    BranchStep,
    DateStart,
    EnteredStart,
    JourneyDefinition,
    LeftStart,
    SendStep,
)
from shared.domain.journeys.start_definition import day_segment
from shared.domain.segments.definition import InSegment
from shared.domain.templates.definition import Template
from shared.domain.time.durations import duration_text

LONGEST_SEGMENT = 48


def journey_problems(
    file: str,
    journey: JourneyDefinition,
    shop: Shop,
    segments: Collection[str],
    coupons: Collection[str],
    templates: Mapping[str, Template],
    *,
    whole: bool,
) -> Iterator[Problem]:
    """In the order of the file. ``whole`` is False where templates could not be read: one may be there all the same."""
    yield from _start(file, journey, segments)
    yield from step_problems(file, journey)
    for path, condition in conditions_of(journey):
        for node in nodes_of(condition):
            if isinstance(node, InSegment) and node.in_segment not in segments:
                yield _no_segment(file, path, node.in_segment, segments)
    for one in journey.plan.all:
        if isinstance(one.step, SendStep):
            yield from _freshness(file, one.path, one.step, shop.send_hours)
            template = templates.get(one.step.send)
            if template is not None:
                yield from _template(file, one.path, one.step, shop, template)
            elif whole:
                yield _no_template(file, one.path, one.step, templates)
            if one.step.give is not None:
                yield from give_problems(file, one.path, one.step.give, coupons)


def _start(file: str, journey: JourneyDefinition, segments: Collection[str]) -> Iterator[Problem]:
    start = journey.start
    if isinstance(start, EnteredStart) and start.entered not in segments:
        yield _no_segment(file, "start.entered", start.entered, segments)
    if isinstance(start, LeftStart) and start.left not in segments:
        yield _no_segment(file, "start.left", start.left, segments)
    if isinstance(start, DateStart):
        own = day_segment(journey.journey)
        if own in segments:
            message = f"the segment {own} is made by this journey, and described already"
            yield Problem(file, "start.date", message, "give one of them another name")
        elif len(own) > LONGEST_SEGMENT:
            message = f"the name {journey.journey} is too long for a start by date"
            yield Problem(file, "journey", message, f"write at most {LONGEST_SEGMENT - len(day_segment(''))} letters")


def _no_segment(file: str, path: str, name: str, segments: Collection[str]) -> Problem:
    near = get_close_matches(name, segments, n=1)
    return Problem(
        file, path, f"there is no segment {name}", f"did you mean {near[0]}?" if near else f"add the segment {name}"
    )


def conditions_of(journey: JourneyDefinition) -> Iterator[tuple[str, Condition]]:
    """Every condition of a journey, with its place in the file."""
    if journey.start.if_ is not None:
        yield "start.if", journey.start.if_
    if journey.stop_when is not None:
        yield "stop_when", journey.stop_when
    for one in journey.plan.all:
        if isinstance(one.step, SendStep) and one.step.unless is not None:
            yield f"{one.path}.unless", one.step.unless
        elif isinstance(one.step, BranchStep):
            yield f"{one.path}.branch.if", one.step.branch.if_


def _no_template(file: str, path: str, step: SendStep, templates: Collection[str]) -> Problem:
    there = f"one of {', '.join(sorted(templates))}" if templates else "a template that exists"
    remedy = f"write {there}, or add templates/{step.send}/"
    return Problem(file, f"{path}.send", f"there is no template {step.send}", remedy)


def _template(file: str, path: str, step: SendStep, shop: Shop, template: Template) -> Iterator[Problem]:
    if template.purpose != step.purpose:
        yield Problem(
            file,
            f"{path}.purpose",
            f"the template {step.send} is {template.purpose}, the step says {step.purpose}",
            "make them agree: the purpose decides about consent, caps and send hours",
        )
    for channel in step.channels_in_order:
        missing = [language for language in shop.languages if language not in template.languages(channel)]
        if missing:
            yield Problem(
                file,
                f"{path}.channels",
                f"the template {step.send} has no {channel} in {', '.join(missing)}",
                f"add it to templates/{step.send}/, or take {channel} out",
            )


def _freshness(file: str, path: str, step: SendStep, hours: SendHours) -> Iterator[Problem]:
    """What falls due when the send hours end must still be fresh when they begin again, unless the step says that it
    is worth nothing then."""
    night = timedelta(hours=24) - (_since_midnight(hours.end) - _since_midnight(hours.start))
    if step.purpose == "marketing" and not step.only_now and step.fresh_for <= night:
        longer = duration_text(night + timedelta(hours=1))
        yield Problem(
            file,
            f"{path}.fresh_for",
            f"{duration_text(step.fresh_for)} does not outlast the night ({duration_text(night)} without sending)",
            f"write at least {longer}; or only_now: true, if nobody should get it in the morning",
        )


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
