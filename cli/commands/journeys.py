"""`kervan journeys`: which there are."""

from __future__ import annotations

from typing import Any

import typer

from cli.api import admin_api
from cli.show import Json, as_json, table, text

app = typer.Typer(help="Journeys: what is sent after what.", no_args_is_help=False)


@app.command("list")
def list_journeys(context: typer.Context, json: Json = False) -> None:
    """The journeys of the published release and their steps."""
    items = list(admin_api(*context.obj).items("/v1/journeys"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (item["name"], item["label"], item["state"], [_step(step) for step in item["steps"]], item["release"])
        for item in items
    ]
    table(
        "Journeys",
        ("name", "label", "state", "steps", "release"),
        rows,
        empty="no journey is published: `kervan definitions apply definitions`",
    )


def _step(step: dict[str, Any]) -> str:
    return f"{step['id']} at {step['at']}" if "id" in step and "at" in step else text(step)


@app.callback()
def group() -> None:
    """Keeps `list` a subcommand while it is the only one."""
