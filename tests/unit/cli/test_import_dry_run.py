"""``kervan import --dry-run`` shows any file as it is: its text is no markup and moves no cursor."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.unit.importing.files import put

pytestmark = pytest.mark.unit


def test_text_of_a_file_is_shown_as_it_is(tmp_path: Path) -> None:
    """Brackets stay, signs that steer a terminal do not."""
    header, row = "Ad,E-posta,[bold]x,[/nope],\x1b[31mred", "[/b],nur@example.com,[vip],2,\x1b]0;title\x07"
    found = CliRunner().invoke(
        app, ["import", "customers", str(put(tmp_path / "c.csv", f"{header}\n{row}\n")), "--dry-run"]
    )
    assert found.exit_code == 0, found.output
    assert all(text in found.output for text in ("[bold]x", "trait [/nope]", '"firstName": "[/b]"', "[vip]"))
    assert "\x1b" not in found.output
