"""`kervan customer timeline`: everything that happened and was sent, on one screen."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, table, text, when


def timeline(
    context: typer.Context,
    identifier: Id,
    kind: Annotated[str | None, typer.Option(help="event or message.")] = None,
    of_type: Annotated[
        str | None, typer.Option("--type", help="track, identify, page, screen, group, alias or message.")
    ] = None,
    name: Annotated[str | None, typer.Option(help='The name of an event, such as "Order Completed".')] = None,
    channel: Annotated[str | None, typer.Option(help="The channel, such as web, store, email.")] = None,
    line_id: Annotated[
        str | None, typer.Option("--id", help="A messageId, or the id by which evidence names an event or message.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="From this time on, such as 2026-11-22T10:00:00Z.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Up to this time, without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of it, however much.")] = False,
    json: Json = False,
) -> None:
    """Everything that happened on any channel, and every message with its outcome, newest first."""
    filters = {"kind": kind, "type": of_type, "name": name, "channel": channel, "id": line_id}
    filters |= {"from": since, "to": until}
    path = f"/v1/customers/{quoted(identifier)}/timeline"
    items = list(admin_api(*context.obj).items(path, limit=None if everything else limit, **filters))
    if json:
        as_json({"items": items})
        return
    rows = [
        (when(item["time"]), item["event"], item["channel"], item["source"], item["identifier"], _about(item))
        for item in items
    ]
    columns = ("time (UTC)", "what", "channel", "source", "who", "about")
    table(f"Timeline of {identifier}", columns, rows, empty="nothing happened yet")


def _about(item: dict[str, Any]) -> str:
    """The part of an event that tells it from others of its name; of a message, which it was and why not."""
    if item["kind"] == "message":
        message = item["message"]
        return text(
            [part for part in (message["journey"], message["step"], message["reason"] or message["text"]) if part]
        )
    properties = item["properties"]
    telling = [
        properties[name]
        for name in ("order_id", "name", "product_id", "channel", "title", "query", "owner", "reason")
        if name in properties
    ]
    return text(telling[:2] or list(item["traits"].values())[:2])
