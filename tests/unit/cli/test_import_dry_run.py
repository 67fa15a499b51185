"""``kervan import --dry-run`` shows any file as it is: its text is no markup and moves no cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import run
from tests.unit.importing.files import put

pytestmark = pytest.mark.unit


def test_text_of_a_file_is_shown_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets stay, signs that steer a terminal do not."""
    header, row = "Ad,E-posta,[bold]x,[/nope],\x1b[31mred", "[/b],nur@example.com,[vip],2,\x1b]0;title\x07"
    file = put(tmp_path / "c.csv", f"{header}\n{row}\n")
    assert run(["import", "customers", str(file), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("[bold]x", "trait [/nope]", '"firstName": "[/b]"', "[vip]"))
    assert "\x1b" not in shown
