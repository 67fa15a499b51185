"""Does a campaign fit the published definitions, and can it be sent when it says?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.campaigns.timing import begins
from shared.domain.coupons.check import give_problems
from shared.domain.definitions.problems import Problem, problems_of
from shared.domain.definitions.release import Release

LATE = timedelta(minutes=5)
"""So much past is taken for now: somebody hesitated before he said yes."""


@dataclass(frozen=True, slots=True)
class Checked:
    """``definition`` is None as long as there are problems."""

    definition: CampaignDefinition | None
    problems: tuple[Problem, ...]


def check(content: Any, release: Release, now: datetime, *, file: str = "campaign") -> Checked:
    """All problems at once, with path and remedy."""
    try:
        definition = CampaignDefinition.model_validate(content)
    except ValidationError as invalid:
        return Checked(None, tuple(problems_of(file, CampaignDefinition, content, invalid)))
    problems = (
        *(Problem(file, path, message, remedy) for path, message, remedy in _problems(definition, release, now)),
        *_of_coupon(file, definition, release),
    )
    return Checked(None if problems else definition, problems)


def _problems(definition: CampaignDefinition, release: Release, now: datetime) -> Iterator[tuple[str, str, str]]:
    yield from _of_segments(definition, release)
    yield from _of_template(definition, release)
    yield from _of_time(definition, release, now)


def _of_segments(definition: CampaignDefinition, release: Release) -> Iterator[tuple[str, str, str]]:
    """One that is not published has no members: nobody would get it, or nobody would be left out."""
    path = "segments" if definition.segments else "segment"
    for place, names in ((path, definition.included), ("except", definition.excluded)):
        for name in names:
            if release.segment(name) is None:
                known = ", ".join(sorted(segment.segment for segment in release.segments)) or "none yet"
                yield place, f"there is no segment {name}", f"write one that is published: {known}"


def _of_template(definition: CampaignDefinition, release: Release) -> Iterator[tuple[str, str, str]]:
    template = release.template(definition.send)
    if template is None:
        known = ", ".join(sorted(template.template for template in release.templates)) or "none yet"
        yield "send", f"there is no template {definition.send}", f"write one that is published: {known}"
        return
    if template.purpose != definition.purpose:
        yield (
            "purpose",
            f"the template {definition.send} is {template.purpose}, the campaign says {definition.purpose}",
            "make them agree: the purpose decides about consent, caps and send hours",
        )
    for channel in definition.channels:
        missing = [language for language in release.shop.languages if language not in template.languages(channel)]
        if missing:
            yield (
                "channels",
                f"the template {definition.send} has no {channel} in {', '.join(missing)}",
                f"add it to templates/{definition.send}/ and publish, or take {channel} out",
            )


def _of_coupon(file: str, definition: CampaignDefinition, release: Release) -> Iterator[Problem]:
    if definition.give is None:
        return
    defined = [coupon.coupon for coupon in release.coupons]
    for problem in give_problems(file, "", definition.give, defined):
        yield replace(problem, path=problem.path.removeprefix("."))


def _of_time(definition: CampaignDefinition, release: Release, now: datetime) -> Iterator[tuple[str, str, str]]:
    shop = release.shop
    planned = definition if not definition.local_time else definition.model_copy(update={"local_time": False})
    if begins(planned, shop, now) < now - LATE:
        yield "at", "this moment is over", "write a later one, or now"
    wall = definition.wall
    if wall is None or definition.purpose != "marketing":
        return
    hours = shop.send_hours
    if not hours.start <= wall.time() < hours.end and definition.fresh_for <= _until(wall.time(), hours.start):
        sending = f"{hours.start:%H:%M}-{hours.end:%H:%M}"
        yield (
            "at",
            f"{wall:%H:%M} is outside the send hours ({sending}), and stale when they begin",
            "write a time within them, or a longer fresh_for",
        )


def _until(at: time, start: time) -> timedelta:
    """From a time of the day to the next ``start``."""
    span = timedelta(hours=start.hour - at.hour, minutes=start.minute - at.minute, seconds=start.second - at.second)
    return span if span >= timedelta() else span + timedelta(days=1)
