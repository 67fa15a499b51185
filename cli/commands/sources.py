"""`kervan sources`: what each source sent in the last 24 hours, and what of it could not be used."""

from __future__ import annotations

from typing import Any

import typer

from cli.deployment.api import admin_api
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, when
from shared.domain.events.quota import PAUSED


def sources(context: typer.Context, json: Json = False) -> None:
    """What each source sent in the last 24 hours, and what was refused or could not be used, by field and reason."""
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
            item["provisional"],
            item["withdrawn"],
            sum(one["count"] for one in item["refused"]),
            sum(one["count"] for one in item["warnings"]),
            item["failed"],
            when(item["last_seen"])[:16],
        )
        for item in items
    ]
    table(
        f"Sources since {when(found['since'])[:16]} UTC",
        ("source", "trust", "events", "provisional", "withdrawn", "refused", "warnings", "failed", "last seen (UTC)"),
        rows,
        empty="no source sent anything within eight days",
    )
    for item in items:
        for text in _details(item):
            line(text)


def _quota(name: str, item: dict[str, Any]) -> list[str]:
    """What the source may send, beside its busiest minute."""
    if item["quota"] is None:
        return []
    if item["quota"]["events_per_minute"] == PAUSED.events_per_minute:
        return [f"{name}: paused, as `kervan keys pause` asked"]
    said = [f"{most:,} {limit.replace('_per_', ' a ')}" for limit, most in item["quota"].items() if most is not None]
    return [f"{name}: at most {', '.join(said)}; {item['busiest_minute']:,} events in the busiest minute"]


def _details(item: dict[str, Any]) -> list[str]:
    name = item["name"] or "(unknown key)"
    failed = [f"{name}: {item['failed']} failed, accepted and then not processed; see the failure queue"]
    refused = [f"{name}: {one['count']} refused, {one['reason']}" for one in item["refused"]]
    warned = [f"{name}: {counted(one['count'], 'warning')}, {one['field']} {one['reason']}" for one in item["warnings"]]
    return [*_quota(name, item), *refused, *warned, *(failed if item["failed"] else [])]
