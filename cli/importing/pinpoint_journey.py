"""A journey of Amazon Pinpoint in our language, and a list of what has no equal.

Form: what ``aws pinpoint get-journey`` answers, the structure ``JourneyResponse`` of Pinpoint's API. A journey there is
a graph of activities, ours is a list of steps with paths inside; an activity that two paths lead to is written into
both. A custom attribute of a user is a trait, an attribute of an event a property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from cli.importing.pinpoint_conditions import Conditions, InvalidJourney, NoEqual, at_path, objects, slug
from shared.domain.journeys.definition import MAX_STEPS, JourneyDefinition
from shared.domain.time.durations import duration_text

Channel = Literal["email", "sms", "push"]
SENDING: Mapping[str, Channel] = {"EMAIL": "email", "SMS": "sms", "PUSH": "push"}
_SPAN = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_SETTINGS = {
    "Schedule": "says when it runs; ours run as long as they are published: publish it, or pause it, at that time",
    "QuietTime": "is the shop's answer send_hours with us, for all journeys",
    "OpenHours": "are the shop's answer send_hours with us, for all journeys and channels",
    "ClosedDays": "have no equal",
    "Limits": "are the shop's caps with us, for all journeys; how often somebody may come in again is reenter",
    "JourneyChannelSettings": "are about contact centres",
    "RefreshFrequency": "is not needed: who comes into the segment is noticed within a minute",
}


@dataclass(slots=True)
class Translated:
    """``definition`` is one that is checked; ``needed``: segments and templates that must be written."""

    definition: dict[str, Any]
    journey: JourneyDefinition
    no_equal: list[NoEqual] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)


def translate_journey(content: Any) -> Translated:
    """The journey in our language.

    Raises
    ------
    InvalidJourney
        If it is none, leads in a circle, has more than a hundred steps when it is written out, or sends nothing.
    """
    journey = content.get("JourneyResponse", content) if isinstance(content, dict) else None
    if not isinstance(journey, dict) or not isinstance(journey.get("Activities"), dict):
        raise InvalidJourney("the file holds no journey: it has no Activities; write what get-journey answers")
    writing = _Writing(journey["Activities"])
    definition: dict[str, Any] = {"journey": slug(journey.get("Name"), "journey")}
    definition["start"] = writing.start(journey.get("StartCondition"))
    definition["steps"] = list(writing.steps(journey.get("StartActivity"), ()))
    reentry = _reentry(journey.get("Limits"), writing)
    if reentry is not None:
        definition["reenter"] = {"after": reentry}
    for name, reason in _SETTINGS.items():
        if journey.get(name):
            writing.asked.lose(name, name, reason)
    if not definition["steps"]:
        raise InvalidJourney("the journey has no activity that can be translated")
    checked = JourneyDefinition.model_validate(definition)
    return Translated(definition, checked, writing.asked.no_equal, writing.asked.segments, writing.templates)


def duration_of(written: Any) -> timedelta | None:
    """``PT1H``, ``P1D``; None if it is none."""
    found = _SPAN.fullmatch(written) if isinstance(written, str) else None
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes + -(-seconds // 60))


class _Writing:
    """Writes activities as steps; ids are made unique, as an activity may be written twice."""

    def __init__(self, activities: Mapping[str, Any]) -> None:
        self._activities = activities
        self._ids: dict[str, int] = {}
        self._count = 0
        self.asked = Conditions()
        self.templates: list[str] = []

    def start(self, said: Any) -> dict[str, Any]:
        """What begins an enrollment."""
        condition = said if isinstance(said, dict) else {}
        by_event = condition.get("EventStartCondition")
        if isinstance(by_event, dict):
            event, where = self.asked.event(at_path(by_event, "EventFilter", "Dimensions"), "StartCondition")
            found: dict[str, Any] = {"event": event, **({"where": where} if where else {})}
            segment = by_event.get("SegmentId")
            return found | ({"if": {"in_segment": self.asked.segment(segment)}} if segment else {})
        segment = at_path(condition, "SegmentStartCondition", "SegmentId")
        if not isinstance(segment, str) or not segment:
            raise InvalidJourney("the journey does not say what it starts with: an event or a segment")
        return {"entered": self.asked.segment(segment), "existing": True}

    def steps(self, name: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """The activity of this id and what follows it."""
        while name:
            if not isinstance(name, str) or not isinstance(activity := self._activities.get(name), dict):
                self.asked.lose(str(name)[:60], "activity", "does not stand in the file; the path ends here")
                return
            if name in path:
                raise InvalidJourney("the activities lead in a circle")
            path = (*path, name)
            self._count += 1
            if self._count > MAX_STEPS:
                raise InvalidJourney(f"written out, the journey has more than {MAX_STEPS} steps; divide it")
            kind = next((one for one in _KINDS if isinstance(activity.get(one), dict)), "")
            said = activity.get(kind, {})
            if kind in ("ConditionalSplit", "MultiCondition", "RandomSplit"):
                yield from self._paths(name, kind, said, path)
                return
            yield from self._step(name, kind, said)
            name = said.get("NextActivity")

    def _step(self, name: str, kind: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        if kind in SENDING:
            yield self._send(name, kind, said)
        elif kind == "Wait":
            wait = duration_of(at_path(said, "WaitTime", "WaitFor"))
            if wait:
                yield {"id": self._id(name), "wait": duration_text(wait)}
            else:
                self.asked.lose(name, "Wait", "waits for a date of the calendar, which is past for the next customer")
        elif kind == "Holdout":
            percent = said.get("Percentage")
            if type(percent) is int and 1 <= percent <= 99:
                yield {"id": self._id(name), "holdout": {"percent": percent}}
        else:
            what = kind or "activity"
            self.asked.lose(name, what, "calls a program or a contact centre; it is a note here")
            yield {"id": self._id(name), "note": f"Pinpoint: {what} {name}"[:500]}

    def _send(self, name: str, kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
        template = slug(said.get("TemplateName"), slug(name, "message"))
        if template not in self.templates:
            self.templates.append(template)
        transactional = kind == "SMS" and at_path(said, "MessageConfig", "MessageType") == "TRANSACTIONAL"
        if kind != "SMS":
            self.asked.lose(name, "purpose", "is not known to Pinpoint; it is marketing here, which asks for consent")
        purpose = "transactional" if transactional else "marketing"
        return {"id": self._id(name), "send": template, "purpose": purpose, "channels": [SENDING[kind]]}

    def _paths(self, name: str, kind: str, said: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """A split; everything behind it stands inside its paths."""
        if kind == "RandomSplit":
            arms = {}
            for number, one in enumerate(objects(said.get("Branches"))):
                steps = list(self.steps(one.get("NextActivity"), path))
                arms["abcdefghij"[number % 10]] = {"weight": _weight(one.get("Percentage")), "steps": steps}
            yield {"id": self._id(name), "split": arms}
            return
        wait = duration_of(at_path(said, "EvaluationWaitTime", "WaitFor"))
        if wait:
            yield {"wait": duration_text(wait), "id": self._id(f"{name}-wait")}
        elif at_path(said, "EvaluationWaitTime", "WaitUntil"):
            self.asked.lose(name, "EvaluationWaitTime", "waits for a date of the calendar")
        if kind == "ConditionalSplit":
            branches = [(said.get("Condition"), said.get("TrueActivity"))]
            otherwise = said.get("FalseActivity")
        else:
            listed = objects(said.get("Branches"))
            branches = [({"Conditions": [one.get("Condition")]}, one.get("NextActivity")) for one in listed]
            otherwise = said.get("DefaultActivity")
        yield from self._branch(name, branches, otherwise, path)

    def _branch(
        self, name: str, branches: list[tuple[Any, Any]], otherwise: Any, path: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        """The first condition that holds; the others stand under ``else``, one in the other."""
        if not branches:
            yield from self.steps(otherwise, path)
            return
        (said, target), *others = branches
        condition = self.asked.condition(said, name)
        then = list(self.steps(target, path))
        rest = list(self._branch(name, others, otherwise, path))
        if condition is None:
            self.asked.lose(name, "path", "is left out, as its condition has no equal; everybody goes the other way")
            yield from rest
        elif then or rest:
            branch = {"if": condition, **({"then": then} if then else {}), **({"else": rest} if rest else {})}
            yield {"id": self._id(name), "branch": branch}

    def _id(self, name: str) -> str:
        base = slug(name, "step")[:40].strip("-")
        self._ids[base] = number = self._ids.get(base, 0) + 1
        return base if number == 1 else f"{base}-{number}"


_KINDS = (*SENDING, "Wait", "ConditionalSplit", "MultiCondition", "RandomSplit", "Holdout", "CUSTOM", "ContactCenter")


def _weight(percentage: Any) -> int:
    return percentage if type(percentage) is int and 0 <= percentage <= 100 else 1


def _reentry(limits: Any, writing: _Writing) -> str | None:
    """How long after an enrollment the next may begin."""
    interval = duration_of(at_path(limits, "EndpointReentryInterval"))
    if interval:
        return duration_text(interval)
    if at_path(limits, "EndpointReentryCap") == 1:
        writing.asked.lose("Limits", "EndpointReentryCap", "lets everybody in once; with us after ten years")
        return "3650d"
    return None
