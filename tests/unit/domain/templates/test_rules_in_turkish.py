"""What the checks find in a template is said in Turkish too: every sentence that they can say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.definitions.problem_turkish import in_turkish
from shared.domain.templates import html_rules, rules
from shared.domain.templates.rules import _LEGAL
from tests.support.said_in_code import written

pytestmark = pytest.mark.unit


def sentences(module: object) -> Iterator[str]:
    """The message and the remedy of each problem and finding that the module makes."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))  # type: ignore[attr-defined]
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"Problem", "Finding"}:
            said = call.args[1:3] if call.func.id == "Problem" else call.args[:2]
            for one in said:
                text = written(one)
                if text is not None and text != "a commercial e-mail needs '7'":
                    yield text


SAID = sorted({*sentences(rules), *sentences(html_rules)})


def test_the_sentences_are_found() -> None:
    """The list below is not empty because somebody wrote the checks otherwise."""
    assert len(SAID) > 35
    assert "it has '7' calls to action" in SAID


@pytest.mark.parametrize("sentence", [*SAID, *(f"a commercial e-mail needs {what}" for _, what in _LEGAL)])
def test_every_finding_has_a_turkish_sentence(sentence: str) -> None:
    """A new rule needs one in shared/domain/definitions/problem_turkish_templates.py."""
    assert in_turkish(sentence), sentence
