"""`kervan sources`: what each source sent in the last 24 hours, and what of it could not be used."""

from __future__ import annotations

from typing import Any

import typer

from cli.api import admin_api
from cli.tables import Json, as_json, line, table, when


def sources(context: typer.Context, json: Json = False) -> None:
    """What each source sent in the last 24 hours: events, refused, warnings by field and reason, last seen."""
    found = admin_api(*context.obj).get("/v1/sources")
    if json:
        as_json(found)
        return
    items = found["items"]
    rows = [
        (
            item["name"] or "(unknown key)",
            item["trust"],
            item["events"],
            sum(one["count"] for one in item["refused"]),
            sum(one["count"] for one in item["warnings"]),
            when(item["last_seen"]),
        )
        for item in items
    ]
    table(
        f"Sources since {when(found['since'])}",
        ("source", "trust", "events", "refused", "warnings", "last seen (UTC)"),
        rows,
        empty="no source sent anything within eight days",
    )
    for item in items:
        for text in _details(item):
            line(text)


def _details(item: dict[str, Any]) -> list[str]:
    name = item["name"] or "(unknown key)"
    refused = [f"{name}: {one['count']} refused, {one['reason']}" for one in item["refused"]]
    return refused + [f"{name}: {one['count']} warnings, {one['field']} {one['reason']}" for one in item["warnings"]]
