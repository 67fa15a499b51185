"""The check of a draft: its own templates, and those of the others only where they run too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.definitions.folder import check_draft

pytestmark = pytest.mark.unit

DEFINITIONS = Path(__file__).parents[3] / "definitions"


def folder_with_broken(folder: Path, template: str) -> Path:
    """The ready definitions, of which a text of this template names what no template knows."""
    shutil.copytree(DEFINITIONS, folder)
    (folder / "templates" / template / "subject.en.txt").write_text("{{ nobody.knows }}", "utf-8")
    return folder


def test_a_draft_with_a_broken_template_is_refused(tmp_path: Path) -> None:
    """What the draft itself sends is rendered."""
    folder = folder_with_broken(tmp_path / "definitions", "win-back")
    found = check_draft(folder, folder / "journeys" / "win-back.yaml")
    assert found.bundle is None
    assert any("templates/win-back/" in problem.file for problem in found.problems)


@pytest.mark.parametrize("with_others", [False, True])
def test_the_templates_of_others_count_where_they_run(tmp_path: Path, with_others: bool) -> None:
    """Each template is rendered many times, so those that nobody sends are left out."""
    folder = folder_with_broken(tmp_path / "definitions", "birthday")
    found = check_draft(folder, folder / "journeys" / "win-back.yaml", with_others=with_others)
    assert (found.bundle is None) == with_others
    assert any("templates/birthday/" in problem.file for problem in found.problems) == with_others
