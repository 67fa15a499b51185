"""Commands that documents tell people to type exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from cli.main import app

pytestmark = pytest.mark.unit
DOCS = Path(__file__).parents[3] / "docs"
PAGES = [DOCS / "operation.md", *sorted((DOCS / "runbooks").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_runbooks_exist(page: Path) -> None:
    """With their subcommands and options, as `kervan --help` names them."""
    commands = re.findall(r"(?:^|`)kervan ([^`\n|#]+)", page.read_text(), re.MULTILINE)
    for written in commands:
        words = written.split()
        command = typer.main.get_command(app)
        while hasattr(command, "commands") and words:
            assert words[0] in command.commands, f"kervan {written}"
            command = command.commands[words.pop(0)]
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, f"kervan {written}"
