"""`kervan sending`: the switches over all messages. They act at once, outside releases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from cli.deployment.api import admin_api
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, pairs

app = typer.Typer(
    help="The switches over all messages: stop, shadow mode, the list of those who may get any.", no_args_is_help=False
)
allow_list = typer.Typer(help="While there is a list, only those on it get messages.", no_args_is_help=False)
app.add_typer(allow_list, name="allow-list")


@app.command()
def show(context: typer.Context, json: Json = False) -> None:
    """What is switched on, since when, and by whom."""
    _say(admin_api(*context.obj).get("/v1/controls"), json=json)


@app.command()
def stop(context: typer.Context, json: Json = False) -> None:
    """Hold every message of every journey and campaign."""
    _change(context, json=json, global_stop=True)


@app.command()
def resume(
    context: typer.Context,
    channel: Annotated[
        str,
        typer.Option(help="Of this channel marketing goes on that stopped because of bounces or complaints."),
    ] = "",
    json: Json = False,
) -> None:
    """Send again: what is still fresh; the rest is skipped with the reason."""
    if channel:
        state = admin_api(*context.obj).put(f"/v1/channels/{channel}", {"marketing": "running"})
        if json:
            as_json(state)
        else:
            line(f"Marketing by {channel} goes on; what is still fresh is sent within the hour.")
        return
    _change(context, json=json, global_stop=False)


@app.command()
def shadow(
    context: typer.Context,
    to: Annotated[Literal["on", "off"], typer.Argument(metavar="on|off", help="on: decide and record, send nothing.")],
    json: Json = False,
) -> None:
    """Decide, render and record every message, and send none."""
    _change(context, json=json, shadow=to == "on")


@allow_list.command("set")
def set_list(
    context: typer.Context,
    identifiers: Annotated[list[str], typer.Argument(metavar="ID...", help="Such as user:42 email:ayse@example.com.")],
    json: Json = False,
) -> None:
    """Only these get messages; replaces the list. Only keyed digests of them are kept."""
    if not identifiers:
        raise WrongUse("name at least one identifier, such as email:ayse@example.com")
    _change(context, json=json, allow_list=identifiers)


@allow_list.command("clear")
def clear_list(context: typer.Context, json: Json = False) -> None:
    """Everybody may get messages again."""
    _change(context, json=json, allow_list=None)


def _change(context: typer.Context, *, json: bool, **wanted: Any) -> None:
    _say(admin_api(*context.obj).put("/v1/controls", wanted), json=json)


def _say(found: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(found)
        return
    listed = found["allow_list"]
    pairs(
        "Sending",
        {
            "messages": "held by the global stop" if found["global_stop"] else "go out",
            "shadow mode": "on: nothing is sent" if found["shadow"] else "off",
            "allow-list": "everybody" if listed is None else f"{listed} identifiers only",
            "changed": found["changed_at"],
            "by": found["changed_by"],
        },
    )
