"""Every decision has one form and stands in the list of decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.links import headings, relative_links

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "decisions"
DECISIONS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
LIST = (FOLDER / "README.md").read_text("utf-8")
_ROW = re.compile(r"^\| (\d{4}-\d{2}-\d{2}) \| (.+?) \| \[.+?\]\((.+?)\) \|$", re.MULTILINE)


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_context_decision_and_consequences(decision: Path) -> None:
    """The title bears the date of the file's name; the three parts follow in their order, and none is empty."""
    text = decision.read_text("utf-8")
    assert headings(text)[0].endswith(f" ({decision.name[:10]})")
    sections = _sections(text)
    assert [name for name in sections if name in ("Context", "Decision", "Consequences")] == [
        "Context",
        "Decision",
        "Consequences",
    ]
    assert [name for name, body in sections.items() if not body] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_names_code_and_tests_that_exist(decision: Path) -> None:
    """Paths of the repository that are named in a decision are there; a rename is carried into it."""
    named = re.findall(
        r"`((?:shared|functions|cli|tests|infra|definitions|benchmarks)/[^`*<> ]*)`", decision.read_text("utf-8")
    )
    assert [path for path in named if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()] == []


def test_every_decision_is_listed_once_under_its_own_title() -> None:
    """Date and sentence of each row are those of the file it links to."""
    rows = {link: f"{sentence} ({date})" for date, sentence, link in _ROW.findall(LIST)}
    assert rows == {path.name: headings(path.read_text("utf-8"))[0] for path in DECISIONS}
    assert sorted(relative_links(LIST)) == [path.name for path in DECISIONS]
