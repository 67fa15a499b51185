"""Commands that documents tell people to type exist, and every command is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cli.command_reference import reference
from cli.main import command_tree

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *(page for page in sorted(DOCS.rglob("*.md")) if page.name != "commands.md")]
_WRITTEN = re.compile(r"(?:^|`|\$ )kervan ((?:[^`\n|#]|\n)+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_documents_exist(page: Path) -> None:
    """With their subcommands and options, as `kervan --help` names them."""
    for written in _WRITTEN.findall(page.read_text()):
        line = written.split("\n")[0]
        words = [word for word in line.split() if word]
        command: Any = command_tree()
        known = {name for parameter in command.params for name in parameter.opts}
        while hasattr(command, "commands") and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
            known |= {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert not hasattr(command, "commands") or not words or words[0].startswith("-"), f"kervan {line}"
        assert {word.split("=")[0].strip("[]") for word in words if word.startswith(("--", "[--"))} <= known, line


def test_every_command_is_documented() -> None:
    """docs/commands.md says what the commands say of themselves; `make commands` writes it anew."""
    assert (DOCS / "commands.md").read_text("utf-8") == reference()
