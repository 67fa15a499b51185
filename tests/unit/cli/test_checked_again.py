"""A folder that is checked again is checked anew where it changed, and only there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cli import paths
from cli.definitions.folder import check_folder
from shared.domain.templates.definition import Template
from shared.domain.templates.rules import Problem, problems

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(paths.project() / "definitions", tmp_path / "definitions"))


def test_only_what_changed_is_rendered_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One template after a mistake in it; all of them for another shop; and the mistake is told each time."""
    check_folder(folder)
    rendered: list[str] = []

    def counted(template: Template, *more: Any) -> list[Problem]:
        rendered.append(template.template)
        return problems(template, *more)

    monkeypatch.setattr("cli.definitions.templates.problems", counted)
    assert check_folder(folder).problems == ()
    assert rendered == []
    (folder / "templates" / "welcome" / "subject.tr.txt").write_text("{{ customer.shoe }}", "utf-8")
    for _ in range(2):
        assert any("customer.shoe" in one.message for one in check_folder(folder).problems)
    assert rendered == ["welcome"]
    shop = folder / "shop.yaml"
    shop.write_text(shop.read_text("utf-8").replace("languages: [tr, en]", "languages: [tr]"), "utf-8")
    check_folder(folder)
    assert len(rendered) > 20
