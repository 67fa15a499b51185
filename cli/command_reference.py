"""``make commands``: writes docs/commands.md anew from what `kervan --help` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from typer.core import TyperArgument, TyperGroup, TyperOption

from cli import paths

HEAD = """# Commands

Every command of `kervan` with its options. `make commands` writes this page from the help of the commands; do not
edit it by hand.

`kervan --endpoint URL --admin-key KEY ...` (or `KERVAN_ENDPOINT`, `KERVAN_ADMIN_KEY`) asks a deployment; without them
the [local stack](local.md#commands) answers. `--json` prints the whole answer. Exit status 2 is wrong use, 1 is a
failure, and one line says why.
"""
COMMON = frozenset({"--json", "--help"})
"""Options that the head explains."""


def main() -> None:
    """Write the page into the repository."""
    file = paths.project() / "docs" / "commands.md"
    file.write_text(reference(), encoding="utf-8")
    print(f"kervan: {file.relative_to(paths.project())} names the commands as they are now")


def reference() -> str:
    """The page: a table for each group of commands, groups by name; commands without a group come first."""
    from cli.main import command_tree

    root: Any = command_tree()
    single = [((name,), one) for name, one in root.commands.items() if not isinstance(one, TyperGroup)]
    groups = {name: one for name, one in root.commands.items() if isinstance(one, TyperGroup)}
    tables = [_table("Without a group", "", single)]
    tables += [
        _table(f"kervan {name}", f"{_text(groups[name].help)}\n\n", list(commands(groups[name], (name,))))
        for name in sorted(groups)
    ]
    return HEAD + "".join(tables)


def commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of a group that can be called, with the words that name it."""
    if isinstance(command, TyperGroup):
        if command.invoke_without_command:
            yield words, command
        for name, inner in command.commands.items():
            yield from commands(inner, (*words, name))
    else:
        yield words, command


def _table(title: str, about: str, found: Iterable[tuple[tuple[str, ...], Any]]) -> str:
    named = sorted((" ".join(words), command) for words, command in found)
    rows = "".join(f"| {_called(name, one)} | {_text(one.help)} | {_options(one)} |\n" for name, one in named)
    return f"\n## {title}\n{about}| command | what it does | options |\n|---|---|---|\n{rows}"


def _called(name: str, command: Any) -> str:
    """The command with its arguments, as one writes it."""
    arguments = [_argument(one) for one in command.params if isinstance(one, TyperArgument)]
    return f"`{' '.join(('kervan', name, *arguments))}`".replace("|", r"\|")


def _argument(argument: TyperArgument) -> str:
    written = (argument.metavar or argument.name or "").strip("[]")
    return written if argument.required else f"[{written}]"


def _options(command: Any) -> str:
    options = [one for one in command.params if isinstance(one, TyperOption) and not one.hidden]
    return "<br>".join(_option(one) for one in options if not COMMON & set(one.opts))


def _option(option: TyperOption) -> str:
    words = f"`{'`, `'.join((*option.opts, *option.secondary_opts))}`"
    return f"{words}: {_text(option.help)}" if option.help else words


def _text(written: str | None) -> str:
    """Several lines of help as one, fit for a cell of a table."""
    return " ".join((written or "").split()).replace("|", r"\|")


if __name__ == "__main__":
    main()
