"""The waits of a journey as fields: every duration of its definition, step by step."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from functions.console.rule_fields import UNITS
from shared.domain.journeys.describe_step import describe_steps
from shared.domain.journeys.step_definition import Step
from shared.domain.segments.phrases import Language

_STEP: TypeAdapter[Any] = TypeAdapter(Step)
_IN_STEP = {"at": ("at",), "wait": ("wait",), "at_most": ("wait_for", "at_most"), "fresh_for": ("fresh_for",),
            "no_reaction": ("no_reaction", "after")}  # fmt: skip
"""What a duration of a step is called, and where it stands in the step."""
_BESIDE = {"reenter": ("reenter", "after"), "goal": ("goal", "ordered", "within")}
"""The same of the journey as a whole."""


@dataclass(frozen=True, slots=True)
class DurationField:
    """``path`` leads to the duration, with dots; ``what`` is a stable word."""

    path: str
    what: str
    number: str
    unit: str


@dataclass(frozen=True, slots=True)
class StepFields:
    """One step with its durations. ``kind`` is the word that makes it (``send``); ``depth``: inside of how many."""

    title: str
    kind: str
    sentence: str
    depth: int
    fields: tuple[DurationField, ...]


def step_fields(content: Mapping[str, Any], language: Language) -> list[StepFields]:
    """Every step of a definition (as JSON), in its order, those inside of others after them."""
    return list(_steps(content.get("steps", ()), "steps", language, 0))


def journey_fields(content: Mapping[str, Any]) -> tuple[DurationField, ...]:
    """The durations of the journey as a whole."""
    return tuple(_fields(content, _BESIDE, ""))


def with_durations(content: Mapping[str, Any], form: Mapping[str, str]) -> Any:
    """The definition with the durations that a form sends (``d:<path>.n`` and ``.u``); others stay. Not validated."""
    changed: Any = copy.deepcopy(dict(content))
    known = [one for step in step_fields(content, "en") for one in step.fields] + list(journey_fields(content))
    for one in known:
        number, unit = form.get(f"d:{one.path}.n"), form.get(f"d:{one.path}.u", "")
        if number is None or (number.strip(), unit) == (one.number, one.unit):
            continue
        *way, last = one.path.split(".")
        here = changed
        for part in way:
            here = here[int(part)] if isinstance(here, list) else here[part]
        here[last] = number.strip() + (unit if unit in UNITS else "")
    return changed


def _steps(steps: Any, path: str, language: Language, depth: int) -> Iterator[StepFields]:
    for number, step in enumerate(steps):
        here = f"{path}.{number}"
        kind = next((word for word in ("send", "wait", "wait_for", "branch", "split") if word in step), "other")
        sentence = next(iter(describe_steps([_STEP.validate_python(step)], language)))
        title = str(step.get("id") or number + 1)
        yield StepFields(title, kind, sentence, depth, tuple(_fields(step, _IN_STEP, here)))
        match step:
            case {"branch": branch}:
                for arm in ("then", "else"):
                    yield from _steps(branch.get(arm, ()), f"{here}.branch.{arm}", language, depth + 1)
            case {"split": split}:
                for name, arm in split.items():
                    yield from _steps(arm.get("steps", ()), f"{here}.split.{name}.steps", language, depth + 1)


def _fields(inside: Mapping[str, Any], places: Mapping[str, tuple[str, ...]], path: str) -> Iterator[DurationField]:
    for what, way in places.items():
        said: Any = inside
        for part in way:
            said = said.get(part) if isinstance(said, Mapping) else None
        if isinstance(said, str) and said[-1:] in UNITS and said[:-1].isdigit():
            yield DurationField(".".join([*([path] if path else []), *way]), what, said[:-1], said[-1])
