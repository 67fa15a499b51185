"""Warnings of a folder: they are told, and keep nothing from being published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli import paths
from cli.definitions.folder import check_folder
from cli.definitions.pictures import HEAVY
from cli.main import run

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(paths.project() / "definitions", tmp_path / "definitions"))


def test_what_is_shipped_has_no_warnings(folder: Path) -> None:
    """The ready templates set the example."""
    found = check_folder(folder)
    assert found.bundle is not None
    assert (found.problems, found.warnings) == ((), ())


def test_a_heavy_picture_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a template or in a folder of its own, from one byte beyond 1 MB on; an SVG too: mail does not show it."""
    (folder / "images").mkdir()
    (folder / "images" / "light.png").write_bytes(b"x" * HEAVY)
    (folder / "images" / "heavy.JPG").write_bytes(b"x" * (HEAVY + 1))
    (folder / "templates" / "welcome" / "logo.svg").write_bytes(b"<svg/>")
    found = check_folder(folder)
    assert found.bundle is not None
    assert [(one.file, one.message) for one in found.warnings] == [
        ("images/heavy.JPG", "the picture has 1.0 MB"),
        ("templates/welcome/logo.svg", "most mail programs show no SVG"),
    ]
    assert run(["definitions", "check", str(folder)]) == 0
    assert "warning images/heavy.JPG: the picture has 1.0 MB" in capsys.readouterr().out
    assert run(["definitions", "check", str(folder), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 2


def test_an_email_without_dark_colours_is_published_with_a_warning(folder: Path) -> None:
    """A link that is not https is no warning: it is not published."""
    file = folder / "templates" / "welcome" / "email.tr.mjml"
    whole = file.read_text("utf-8")
    file.write_text(whole.replace('<mj-include path="head" />', ""), "utf-8")
    found = check_folder(folder)
    assert found.bundle is not None
    assert [one.file for one in found.warnings] == ["templates/welcome/email.tr.mjml"]
    file.write_text(whole.replace("</mj-text>", ' <a href="http://shop.example/x">x</a></mj-text>', 1), "utf-8")
    found = check_folder(folder)
    assert found.bundle is None
    assert [one.message for one in found.problems] == ["a link leads to 'http://shop.example/x'"]
