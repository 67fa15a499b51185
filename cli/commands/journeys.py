"""`kervan journeys`: which there are, how many wait where, and the switch of each."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.commands.simulate import simulate
from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, line, table, when

app = typer.Typer(help="Journeys: what is sent after what.", no_args_is_help=False)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The journey.")]
SAID = {
    "running": "{} runs: what is still fresh goes on within ten minutes, at most one message per enrollment.",
    "paused": "{} is paused: nobody enters, nothing is sent; its enrollments wait.",
    "stopped": "{} is stopped: nobody enters, nothing more is sent, its enrollments end at their next step.",
}


@app.command("list")
def list_journeys(context: typer.Context, json: Json = False) -> None:
    """The journeys, whether they run, and how many customers wait for which step."""
    items = list(admin_api(*context.obj).items("/v1/journeys"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (
            item["name"],
            item["label"],
            item["state"],
            f"{item['live']}{' or more' if item['live_at_least'] else ''}",
            [f"{step or 'the end'}: {count}" for step, count in item["waiting"].items()],
            when(item["next_at"]),
            item["release"] or "retired",
        )
        for item in items
    ]
    table(
        "Journeys",
        ("name", "label", "state", "live", "waiting for", "next (UTC)", "release"),
        rows,
        empty="no journey is published: `kervan definitions apply definitions`",
    )


@app.command()
def pause(context: typer.Context, name: Name, json: Json = False) -> None:
    """Hold a journey: nobody enters, and nothing is sent until it is resumed."""
    _switch(context, name, "paused", json=json)


@app.command()
def resume(context: typer.Context, name: Name, json: Json = False) -> None:
    """Let a paused or stopped journey run. What came too late meanwhile is skipped: no flood."""
    _switch(context, name, "running", json=json)


@app.command()
def stop(context: typer.Context, name: Name, json: Json = False) -> None:
    """End a journey: what is not handed to a provider yet is not sent, and its enrollments end."""
    _switch(context, name, "stopped", json=json)


app.command("simulate")(simulate)


def _switch(context: typer.Context, name: str, state: str, *, json: bool) -> None:
    said: dict[str, Any] = admin_api(*context.obj).put(f"/v1/journeys/{quoted(name)}/state", {"state": state})
    if json:
        as_json(said)
    else:
        line(SAID[said["state"]].format(said["name"]))
