"""Commands are imported when they are called, and none is missing because of that."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from cli import commands as package
from cli.commands_by_name import COMMANDS
from cli.main import command_tree

pytestmark = pytest.mark.unit

FOLDER = Path(package.__file__).parent


def test_each_name_is_a_command() -> None:
    """Groups are groups, functions are commands, and each is called by its name."""
    tree = command_tree()
    assert list(tree.commands) == list(COMMANDS)
    for name, place in COMMANDS.items():
        command = tree.commands[name]
        assert command.name == name
        assert isinstance(command, TyperGroup) == place.endswith(":app")
        assert command.help


def test_each_group_has_a_name() -> None:
    """A module of ``cli.commands`` with a group that no name leads to would be forgotten."""
    named = {place.partition(":")[0] for place in COMMANDS.values()}
    modules = {file.stem: import_module(f"cli.commands.{file.stem}") for file in FOLDER.glob("[a-z]*.py")}
    groups = {name for name, module in modules.items() if isinstance(getattr(module, "app", None), typer.Typer)}
    assert groups <= named


def test_a_command_imports_no_other() -> None:
    """Importing all of them takes half a second, which a dry run or a status would wait for."""
    program = (
        "import sys\n"
        "from cli.main import command_tree\n"
        "tree = command_tree()\n"
        "assert tree.commands['journeys'] and 'sources' in tree.commands and 'nothing' not in tree.commands\n"
        "print(*sorted(name for name in sys.modules if name.startswith('cli.commands.')))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["cli.commands.journeys", "cli.commands.simulate"]
