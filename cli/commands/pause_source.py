"""`kervan keys pause` and `resume`: whether events of a source are taken."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.catalog import catalog_table
from cli.commands.stage_option import Stage
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line
from shared.stores.sources import set_paused

Name = Annotated[str, typer.Argument(metavar="NAME", help="The source, as `list` shows it; left out with --all.")]
All = Annotated[bool, typer.Option("--all", help="Every source.")]


def pause(name: Name = "", everything: All = False, stage: Stage = "local", json: Json = False) -> None:
    """Take no events of a source. Its requests get 429 with Retry-After, so that it sends them again later."""
    _change(name, everything, stage, json, paused=True)


def resume(name: Name = "", everything: All = False, stage: Stage = "local", json: Json = False) -> None:
    """Take events of a source again, with the quota that it had."""
    _change(name, everything, stage, json, paused=False)


def _change(name: str, everything: bool, stage: str, json: bool, *, paused: bool) -> None:
    if bool(name) == everything:
        raise WrongUse("name a source, or write --all")
    catalog = catalog_table(stage)
    found = [item for item in catalog.scan_prefix("source#") if item["kind"] == "write" and name in ("", item["name"])]
    if not found:
        raise WrongUse("no source with a write key has this name" if name else "no source has a write key")
    for item in found:
        set_paused(catalog.table, item, paused=paused)
    catalog.use_at_once()
    names = sorted({str(item["name"]) for item in found})
    if json:
        as_json({"sources": names, "paused": paused})
    else:
        line(f"{', '.join(names)}: {'paused' if paused else 'taken again'}. It holds within a minute.")
