"""`kervan keys`: who may send events. Needs AWS credentials for a real deployment: keys are not given out over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from cli.catalog import catalog_table
from cli.commands.token_secret import token_secret
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, table
from shared.domain.consent.consent import OWN_SOURCES
from shared.domain.events.event import Source
from shared.domain.identity.keys import moment
from shared.stores.sources import Sources, add_source, new_key, read_source

app = typer.Typer(help="Write keys and admin keys of a stage.", no_args_is_help=False)
app.command("token-secret")(token_secret)
Stage = Annotated[str, typer.Option(help="local, or the stage of a deployment in the AWS account of your credentials.")]
Trust = Literal["public", "server", "admin"]


@app.command("list")
def list_keys(stage: Stage = "local", json: Json = False) -> None:
    """The sources and what the word of each is worth. Keys themselves are never kept."""
    items = []
    for item in catalog_table(stage).scan_prefix("source#"):
        found = read_source(item)
        items.append(
            {
                "name": found.source.name,
                "trust": "admin" if found.kind == "admin" else "server" if found.source.trusted else "public",
                "digest": item["pk"].removeprefix("source#")[:12],
                "disabled": bool(item.get("disabled")),
                "created_at": moment(item["created_at"]).isoformat(timespec="seconds"),
            }
        )
    items.sort(key=lambda item: (item["name"], item["digest"]))
    if json:
        as_json({"items": items})
        return
    rows = [
        (item["name"], item["trust"], item["digest"], "disabled" if item["disabled"] else "", item["created_at"])
        for item in items
    ]
    table("Keys", ("source", "trust", "digest", "", "made"), rows, empty="no key yet: `kervan keys add NAME`")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source, such as web, store, marketplace.")],
    trust: Annotated[
        Trust,
        typer.Option(
            help="public: readable in the shop; server: kept secret, its word counts; admin: reads customers."
        ),
    ] = "public",
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Make a key for a source. It is shown once."""
    if name in OWN_SOURCES:
        raise WrongUse(f"{name} is what Kervan calls itself; choose another name")
    if not name.isprintable() or not 0 < len(name) <= 64:
        raise WrongUse("a source's name has 1 to 64 printable characters")
    key = new_key()
    source = Source(name, name, trusted=trust != "public")
    add_source(
        catalog_table(stage).table,
        key,
        source,
        kind="admin" if trust == "admin" else "write",
        created_at=datetime.now(UTC),
    )
    if json:
        as_json({"name": name, "trust": trust, "key": key})
    else:
        line(f"{name} ({trust}): {key}\nKeep it; it is not shown again.")


@app.command()
def disable(key: Annotated[str, typer.Argument(metavar="KEY")], stage: Stage = "local", json: Json = False) -> None:
    """Take a key back; it stops working within a minute."""
    known = Sources(catalog_table(stage).table, lambda: 0.0).disable(key)
    if not known:
        raise WrongUse("no source has this key")
    if json:
        as_json({"disabled": True})
    else:
        line("The key stops working within a minute.")
