"""`kervan console`: the console in a browser."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli import paths
from cli.deployment.secret import deployment_secret
from cli.failure import Failure, WrongUse
from cli.output.tables import Json, as_json, line
from shared.domain.identity.console_link import LIFETIME, PATH, ConsoleLinks

app = typer.Typer(help="The console in a browser.")
ROLES = ("admin", "marketer", "agent", "privacy", "store")
Role = Annotated[str, typer.Option("--role", help="admin, marketer, agent, privacy or store.")]


@app.callback()
def console() -> None:
    """The console in a browser."""


@app.command()
def url(context: typer.Context, role: Role = "admin", json: Json = False) -> None:
    """A link that signs in to the console of the local stack; good for five minutes."""
    if role not in ROLES:
        raise WrongUse(f"there is no role {role}; write {', '.join(ROLES)}")
    local = paths.read(paths.LOCAL)
    endpoint = (context.obj or (None, None))[0]
    if endpoint and endpoint != local.get("endpoint"):
        raise WrongUse("a deployment's console signs in with its accounts: open <endpoint>/console")
    if not local:
        raise Failure("no local stack is running: start it with `make run`")
    link = local["endpoint"] + PATH + ConsoleLinks(deployment_secret("local")).make(_name(), role, datetime.now(UTC))
    if json:
        as_json({"url": link, "role": role, "seconds": int(LIFETIME.total_seconds())})
    else:
        line(link)


def _name() -> str:
    """Who uses this machine, for the list of changes."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "laptop"
