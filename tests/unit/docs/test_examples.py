"""The definitions that the documents show are valid, beside those that Kervan ships."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.definitions.folder import check_draft

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
PAGES = ("segments", "definitions", "messages")


def _examples(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(("page", "place"), [(page, place) for page in PAGES for place in range(len(_examples(page)))])
def test_an_example_is_valid(page: str, place: int, tmp_path: Path) -> None:
    """What a reader copies into the folder of definitions passes the check."""
    draft = tmp_path / "example.yaml"
    draft.write_text(_examples(page)[place], "utf-8")
    found = check_draft(ROOT / "definitions", draft)
    assert found.problems == ()
    assert found.drafts


def test_each_page_begins_with_an_example() -> None:
    """A marketer sees a definition before its rules."""
    for page in (*PAGES[:2], "campaigns"):
        before = (ROOT / "docs" / f"{page}.md").read_text("utf-8").partition("\n## ")[0]
        assert "```yaml\n" in before, page
