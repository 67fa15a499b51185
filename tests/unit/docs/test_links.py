"""Relative links in the documents lead somewhere, on the disk and on GitHub."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.links import anchors, broken_links, relative_links

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(path for name in ("README.md", "CONTRIBUTING.md") if (path := ROOT / name).exists()),
    ]
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    """A file or a heading that was renamed leaves no dead link behind."""
    assert list(broken_links(document)) == []


def test_what_code_refers_to_exists() -> None:
    """A page, or a heading of a page, that a comment names is there."""
    folders = ("shared", "functions", "simulation", "cli", "infra", "tests", "benchmarks")
    code = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {
        (page, anchor, str(path.relative_to(ROOT)))
        for path in code
        for page, anchor in re.findall(r"\b(docs/[\w/-]+\.md)(?:#([\w-]+))?", path.read_text("utf-8"))
    }
    pages = {page: anchors((ROOT / page).read_text("utf-8")) for page, _, _ in named if (ROOT / page).exists()}
    assert pages
    assert (
        sorted(
            f"{place}: {page}#{anchor}"
            for page, anchor, place in named
            if page not in pages or (anchor and anchor not in pages[page])
        )
        == []
    )


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are named; links to other sites, and code, are left alone."""
    page = tmp_path / "page.md"
    page.write_text(
        '# One\n## A `name`, twice!\n## A `name`, twice!\n<a id="own"></a>\n'
        "[a](page.md#one) [b](#a-name-twice) [c](#a-name-twice-1) [d](#own)\n"
        "[e](https://example.com/#x) `[f](gone.md)`\n"
        "```\n# not a heading\n[g](gone.md)\n```\n"
        "[h](gone.md) [i](#not-a-heading) [j](page.md#two)\n",
        "utf-8",
    )
    assert [problem.split(": ", 1)[1] for problem in broken_links(page)] == [
        "gone.md: no such file",
        "#not-a-heading: no such heading",
        "page.md#two: no such heading",
    ]


def test_anchors_are_those_of_github() -> None:
    """Letters of any script stay, signs go, blanks become hyphens."""
    assert anchors("## Güncel `kervan serve`: what it does\n") == {"güncel-kervan-serve-what-it-does"}
    assert relative_links("[a](b.md) [c](mailto:d@example.com) [e](//example.com)") == ["b.md"]
