"""Pages that say where something is name files that exist, and short ways."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.links import relative_links

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[3]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
WAYS = ("How an event is taken and decided", "How a timer is armed and fired", "How a message is sent or not")
MOST_FILES = 8


def section(title: str) -> str:
    return ARCHITECTURE.split(f"## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("title", WAYS)
def test_a_way_goes_through_at_most_eight_files(title: str) -> None:
    """An event, a timer and a message: each step of the list names one file of the code."""
    steps = re.findall(r"^\d+\. (.*(?:\n   .*)*)", section(title), re.MULTILINE)
    assert 0 < len(steps) <= MOST_FILES
    for step in steps:
        files = [link for link in relative_links(step) if link.endswith(".py")]
        assert len(files) == 1, step
        assert (ROOT / "docs" / files[0]).is_file()


def test_the_glossary_names_files_that_exist() -> None:
    """Each path of its last column, a file or a package."""
    rows = [line.split("|") for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()]
    named = [path for row in rows if len(row) == 5 for path in re.findall(r"`([\w/.-]+/[\w.-]*)`", row[3])]
    assert len(named) > 50
    assert [path for path in named if not (ROOT / path).exists()] == []


OWN_WORDS = (
    "burn rate", "contested", "floor", "folded", "forged", "hint", "keyed digest", "kept apart", "last look", "lease",
    "pointer", "room", "verdict", "vouch", "walk", "widened",
)  # fmt: skip
"""What pages and decisions say in a sense of this project, or of few fields."""


@pytest.mark.parametrize("word", OWN_WORDS)
def test_a_word_of_this_project_is_in_the_glossary(word: str) -> None:
    """As a term, or in bold where another one is explained."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith("| ")]
    terms = [row[1] for row in rows] + re.findall(r"\*\*([^*]+)\*\*", glossary)
    assert any(word in term for term in terms)
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.name != "glossary.md"]
    assert any(word in page.read_text("utf-8") for page in pages), "nobody says it any more"


def test_the_page_of_ready_journeys_has_a_row_for_each() -> None:
    """And no row for a journey that is not there."""
    page = (ROOT / "docs" / "ready-journeys.md").read_text("utf-8").split("## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(file.stem for file in (ROOT / "definitions" / "journeys").glob("*.yaml"))
