"""`kervan audiences`: lists at advertising platforms that follow a segment."""

from __future__ import annotations

import typer

from cli.deployment.api import admin_api
from cli.output.tables import Json, as_json, line, table, when

app = typer.Typer(help="Lists at Meta and Google that follow a segment.", no_args_is_help=False)


@app.command("list")
def list_audiences(context: typer.Context, json: Json = False) -> None:
    """The audiences, how many addresses each platform has, and what waits."""
    items = list(admin_api(*context.obj).items("/v1/audiences"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (one["audience"], one["segment"], f"{one['to']} {one['list']}", one["size"],
         when(one["waiting_since"]) if one["waiting_since"] else "", one["problem"] or _state(one))
        for one in items
    ]  # fmt: skip
    heads = ("audience", "segment", "list", "addresses", "waits since (UTC)", "state")
    table("Audiences", heads, rows, empty="definitions/shop.yaml names no audiences")


def _state(one: dict[str, bool]) -> str:
    if one["closing"]:
        return "is being emptied"
    return "complete" if one["complete"] else "is being filled"


@app.command()
def run(context: typer.Context, json: Json = False) -> None:
    """Tell the platforms at once (local stack only); elsewhere it happens every quarter of an hour."""
    from cli.local.running import local_stack

    stack = local_stack(*context.obj)
    stack.tell_audiences()
    if json:
        as_json({"done": True})
    else:
        line("The platforms are told.")
