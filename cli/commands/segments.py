"""`kervan segments`: which there are, and who is in one."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import admin_api, quoted
from cli.show import Json, as_json, table, when

app = typer.Typer(help="Segments and their members.", no_args_is_help=False)


@app.command("list")
def list_segments(context: typer.Context, json: Json = False) -> None:
    """The segments of the published release."""
    items = list(admin_api(*context.obj).items("/v1/segments"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (item["name"], item["label"], f"{item['members']}{' or more' if item['members_at_least'] else ''}")
        for item in items
    ]
    table(
        "Segments",
        ("name", "label", "members"),
        rows,
        empty="no segment is published: `kervan definitions apply definitions`",
    )


@app.command()
def members(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """Who is in a segment, and since when."""
    items = list(admin_api(*context.obj).items(f"/v1/segments/{quoted(name)}/members", limit=limit))
    if json:
        as_json({"items": items})
        return
    rows = [(item["identifier"] or item["customer"], when(item["since"])) for item in items]
    table(f"Members of {name}", ("customer", "since (UTC)"), rows, empty=f"nobody is in {name}")
