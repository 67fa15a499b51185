"""The commands by name, each imported when it is called: importing all of them takes half a second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Mapping[str, str] = {
    "sources": "sources:sources",
    "rebuild": "rebuild:rebuild",
    "restore": "restore:restore",
    "doctor": "doctor:doctor",
    "version": "doctor:version",
    "report": "report:report",
    "status": "status:status",
    "stop": "status:stop",
    "customer": "customer:app",
    "segments": "segments:app",
    "journeys": "journeys:app",
    "coupons": "coupons:app",
    "products": "products:app",
    "stock": "stock:app",
    "conversations": "conversations:app",
    "iys": "iys:app",
    "audiences": "audiences:app",
    "push": "push:app",
    "senders": "senders:app",
    "connectors": "connectors:app",
    "sending": "sending:app",
    "campaigns": "campaigns:app",
    "messages": "messages:app",
    "clock": "clock:app",
    "console": "console:app",
    "definitions": "definitions:app",
    "keys": "keys:app",
    "deadletters": "deadletters:app",
    "import": "import_:app",
    "demo": "demo:app",
    "lake": "lake:app",
    "outbox": "outbox:app",
    "suppression": "suppression:app",
    "consents": "consents:app",
    "privacy": "privacy:app",
}
"""In the order of the help: the module of ``cli.commands``, and its group (an app) or its function."""


class CommandsByName(Mapping[str, Any]):
    """As a group of Typer asks for its commands. A command is imported and made when it is taken out."""

    def __init__(self) -> None:
        self._made: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if name not in self._made:
            self._made[name] = _made(name, COMMANDS[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _made(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(f"cli.commands.{module}"), attribute)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    return typer.main.get_group(alone).commands[name]
