"""`kervan segments`: which there are, and who is in one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.api import admin_api, quoted
from cli.show import Json, as_json, line, table, when

app = typer.Typer(help="Segments and their members.", no_args_is_help=False)


@app.command("list")
def list_segments(context: typer.Context, json: Json = False) -> None:
    """The segments of the published release, and how far it has reached everybody."""
    found = admin_api(*context.obj).get("/v1/segments")
    if json:
        as_json({name: part for name, part in found.items() if name != "cursor"})
        return
    rows = [
        (item["name"], item["label"], f"{item['members']}{' or more' if item['members_at_least'] else ''}")
        for item in found["items"]
    ]
    table(
        "Segments",
        ("name", "label", "members"),
        rows,
        empty="no segment is published: `kervan definitions apply definitions`",
    )
    for sentence in (backfill_said(found["backfill"]), _cycle_said(found["shop"]), _audit_said(found["audit"])):
        if sentence:
            line(sentence)


def backfill_said(backfill: dict[str, Any] | None) -> str:
    """How far the release has reached everybody, as a sentence; "" if nothing is published.

    >>> backfill_said({"release": 7, "state": "waiting"})
    'Release 7 reaches every customer soon: it begins within three minutes.'
    """
    match backfill:
        case {"state": "waiting", "release": release}:
            return f"Release {release} reaches every customer soon: it begins within three minutes."
        case {"state": "walking", "release": release, "done": done, "fraction": fraction, "failed": failed}:
            return f"Release {release} has reached {fraction:.0%}: {done:,} customers{_failed(failed)}."
        case {"state": "done", "release": release, "done": done, "finished_at": at, "failed": failed}:
            return f"Release {release} has reached every customer: {done:,} by {when(at)} UTC{_failed(failed)}."
    return ""


def _failed(count: int) -> str:
    return f", of whom {count:,} could not be decided (their keys wait in the failure queue)" if count else ""


def _cycle_said(shop: dict[str, Any] | None) -> str:
    if shop is None or shop["purchase_cycle_days"] is None:
        return ""
    days, sampled = shop["purchase_cycle_days"], shop["sampled"]
    return f"An average customer buys every {days:g} days (median of {sampled:,} customers who bought several times)."


def _audit_said(audit: dict[str, Any] | None) -> str:
    if audit is None:
        return ""
    wrong = ", ".join(f"{count} in {name}" for name, count in audit["mismatches"].items())
    found = f"differs for {wrong}: see --json" if wrong else "finds all of them right"
    return f"The audit of {when(audit['at'])} UTC looked at {audit['sampled']} customers and {found}."


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
