"""What the checks find in teams, routing rules and canned answers is said in Turkish too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.adapters import yaml_text
from shared.domain.definitions.problem_turkish import in_turkish
from shared.domain.definitions.problems import problems_of
from shared.domain.service import canned_answer, opening_hours, routing, service_problems, team
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.team import TeamDefinition
from tests.support.said_in_code import written

pytestmark = pytest.mark.unit

HOURS = {"mon-fri": "09:00-18:00"}
TEAM: dict[str, Any] = {"team": "t", "hours": HOURS}
RULE: dict[str, Any] = {"routing": "r", "set": {"team": "t"}}
CANNED: dict[str, Any] = {"canned_answer": "c", "text": {"tr": "x"}}


def sentences(module: object) -> Iterator[str]:
    """Messages and remedies of what the module raises and returns."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))  # type: ignore[attr-defined]
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id == "ValueError":
            message, _, remedy = (written(call.args[0]) or "").partition("; ")
            yield from filter(None, (message, remedy))
        elif call.func.id in ("Problem", "InvalidYaml"):
            said = call.args[2:4] if call.func.id == "Problem" else call.args[:2]
            yield from filter(None, map(written, said))


SAID = sorted({s for one in (team, opening_hours, routing, canned_answer, service_problems) for s in sentences(one)})


@pytest.mark.parametrize("sentence", [*SAID, *sentences(yaml_text), "there is no team 'x'", "it holds no team"])
def test_every_mistake_has_a_turkish_sentence(sentence: str) -> None:
    """A new one needs one in shared/domain/definitions/problem_turkish_service.py."""
    sentence = sentence.replace("there is no '7'", "there is no team")
    assert in_turkish(sentence), sentence


def test_the_sentences_are_found() -> None:
    """The list above is not empty because somebody wrote the checks otherwise."""
    assert len(SAID) > 30
    assert "two teams are the default one" in SAID


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (TeamDefinition, {**TEAM, "hours": {}}),
        (TeamDefinition, {**TEAM, "hours": 7}),
        (TeamDefinition, {**TEAM, "hours": {"mon": "9-18"}}),
        (TeamDefinition, {**TEAM, "days": {"morgen": "closed"}}),
        (TeamDefinition, {**TEAM, "days": {"2026-12-31": "25:00-26:00"}}),
        (TeamDefinition, {**TEAM, "holidays": "x"}),
        (TeamDefinition, {**TEAM, "tell": ["x"]}),
        (TeamDefinition, {**TEAM, "tell": ["a@b.example"] * 11, "answer": {"first": "4h"}}),
        (TeamDefinition, {**TEAM, "default": "perhaps"}),
        (TeamDefinition, {**TEAM, "answer": {"first": "soon"}}),
        (TeamDefinition, {**TEAM, "answer": {}}),
        (TeamDefinition, {**TEAM, "escalate": {"tags": ["x"] * 30}}),
        (TeamDefinition, {**TEAM, "outside_hours": {"text": {"tr": ""}}}),
        (TeamDefinition, {**TEAM, "outside_hours": {"text": {"tr": "x"}, "channels": ["push"]}}),
        (TeamDefinition, {**TEAM, "satisfaction": {"after": "9d"}}),
        (TeamDefinition, {**TEAM, "time_zone": "x"}),
        (TeamDefinition, {**TEAM, "label": {"tr": "x" * 100}}),
        (TeamDefinition, {"hours": HOURS}),
        (RoutingDefinition, {**RULE, "place": -1}),
        (RoutingDefinition, {**RULE, "place": "x"}),
        (RoutingDefinition, {**RULE, "when": {"words": ["a"]}}),
        (RoutingDefinition, {**RULE, "when": {"words": "iade"}}),
        (RoutingDefinition, {**RULE, "when": {"channels": ["push"]}}),
        (RoutingDefinition, {**RULE, "when": {"open_order": "maybe"}}),
        (RoutingDefinition, {**RULE, "set": {}}),
        (RoutingDefinition, {**RULE, "wen": {}}),
        (CannedAnswerDefinition, {**CANNED, "text": {}}),
        (CannedAnswerDefinition, {**CANNED, "text": {"tr": "x" * 4_001}}),
        (CannedAnswerDefinition, {**CANNED, "whatsapp": {"template": "ab", "languages": {"en": "en"}}}),
    ],
)
def test_what_a_person_does_wrong_first_is_said_in_turkish(model: Any, wrong: dict[str, Any]) -> None:
    """Each sentence of each mistake; values stay as they were written."""
    with pytest.raises(ValidationError) as invalid:
        model.model_validate(wrong)
    for problem in problems_of("", model, wrong, invalid.value):
        assert in_turkish(problem.message), problem.message
        assert in_turkish(problem.remedy), problem.remedy
