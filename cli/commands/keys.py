"""`kervan keys`: who may send events. Needs AWS credentials for a real deployment: keys are not given out over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from cli.catalog import catalog_table
from cli.commands.pause_source import pause, resume
from cli.commands.stage_option import Stage
from cli.commands.token_secret import token_secret
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, table
from shared.domain.consent.consent import OWN_SOURCES
from shared.domain.events.event import Source
from shared.domain.events.quota import MOST, UNLIMITED, Quota, read_quota
from shared.domain.identity.keys import moment
from shared.stores.sources import Sources, add_source, new_key, read_source, set_quota

app = typer.Typer(help="Write keys and admin keys of a stage.", no_args_is_help=False)
app.command("token-secret")(token_secret)
app.command()(pause)
app.command()(resume)

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
                "paused": bool(item.get("settings", {}).get("paused")),
                "created_at": moment(item["created_at"]).isoformat(timespec="seconds"),
            }
        )
    items.sort(key=lambda item: (item["name"], item["digest"]))
    if json:
        as_json({"items": items})
        return
    rows = [(item["name"], item["trust"], item["digest"], _state(item), item["created_at"]) for item in items]
    table("Keys", ("source", "trust", "digest", "", "made"), rows, empty="no key yet: `kervan keys add NAME`")


def _state(item: dict[str, object]) -> str:
    return "disabled" if item["disabled"] else "paused" if item["paused"] else ""


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
def quota(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source, as `list` shows it.")],
    events_per_minute: Annotated[int | None, typer.Option("--events-per-minute", min=1, max=MOST)] = None,
    events_per_day: Annotated[int | None, typer.Option("--events-per-day", min=1, max=MOST)] = None,
    identifiers_per_minute: Annotated[
        int | None, typer.Option("--identifiers-per-minute", min=1, max=MOST, help="That were not seen lately.")
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="No limit at all.")] = False,
    default: Annotated[bool, typer.Option("--default", help="What sources of its trust may send.")] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """How much a source may send; what is not named has no limit. Holds for all its keys, within a minute."""
    given = Quota(events_per_minute, events_per_day, identifiers_per_minute)
    if (given != UNLIMITED) + unlimited + default != 1:
        raise WrongUse("name at least one limit, or --unlimited, or --default")
    catalog = catalog_table(stage)
    found = [item for item in catalog.scan_prefix("source#") if item["name"] == name and item["kind"] == "write"]
    if not found:
        raise WrongUse("no source with a write key has this name")
    for item in found:
        set_quota(catalog.table, item, None if default else given)
    catalog.use_at_once()
    held = read_quota(None if default else given.as_json(), trusted=found[0]["trust"] == "server")
    if json:
        as_json({"name": name, "quota": held.as_json(), "keys": len(found)})
    else:
        said = ", ".join(f"{limit.replace('_', ' ')}: {most or 'no limit'}" for limit, most in held.as_json().items())
        line(f"{name}: {said}. It holds within a minute.")


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
