"""`kervan segments`: which there are, who is in one, why, who is next, and what a draft would hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.deployment.api import admin_api, quoted
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, when

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
            return f"Release {release} has reached {fraction:.0%}: {counted(done, 'customer')}{_failed(failed)}."
        case {"state": "done", "release": release, "done": done, "finished_at": at, "failed": failed}:
            return f"Release {release} has reached every customer: {done:,} by {when(at)} UTC{_failed(failed)}."
    return ""


def _failed(count: int) -> str:
    return f", of whom {count:,} could not be decided (their keys wait in the failure queue)" if count else ""


def _cycle_said(shop: dict[str, Any] | None) -> str:
    if shop is None or shop["purchase_cycle_days"] is None:
        return ""
    days, sampled = shop["purchase_cycle_days"], shop["sampled"]
    median = f"median of {counted(sampled, 'customer')} who bought several times"
    return f"An average customer buys every {days:g} days ({median})."


def _audit_said(audit: dict[str, Any] | None) -> str:
    if audit is None:
        return ""
    wrong = ", ".join(f"{count} in {name}" for name, count in audit["mismatches"].items())
    found = f"differs for {wrong}: see --json" if wrong else "finds all of them right"
    return f"The audit of {when(audit['at'])} UTC looked at {counted(audit['sampled'], 'customer')} and {found}."


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


@app.command()
def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Such as user:42 or email:ayse@example.com.")],
    draft: Annotated[
        Path | None, typer.Option(help="A file that defines the segment otherwise than it is published.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the sentences: en or tr.")] = "en",
    json: Json = False,
) -> None:
    """Why a customer is in a segment or not: every part with what is behind it, and when it turns."""
    from cli.segments.drafts import read_draft
    from cli.segments.show import show_explanation

    api = admin_api(*context.obj)
    if draft is None:
        found = api.get(f"/v1/segments/{quoted(name)}/explain/{quoted(identifier)}", language=language)
    else:
        body = {"draft": read_draft(draft, name), "identifier": identifier, "language": language}
        found = api.post("/v1/segments/explain", body)
    if json:
        as_json(found)
    else:
        show_explanation(found)


@app.command()
def upcoming(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    days: Annotated[int, typer.Option(min=1, max=31, help="How far ahead.")] = 7,
    json: Json = False,
) -> None:
    """Who comes into a segment and who leaves it in the next days, if nothing happens."""
    found = admin_api(*context.obj).get(f"/v1/segments/{quoted(name)}/upcoming", days=days)
    if json:
        as_json(found)
        return
    rows = [
        (item["identifier"] or item["customer"], "enters" if item["enters"] else "leaves", when(item["at"]))
        for item in found["items"]
    ]
    table(f"{name}, the next {days} days", ("customer", "", "at (UTC)"), rows, empty=f"nobody enters or leaves {name}")
    if found["at_least"]:
        line(f"At least: looked at the {counted(found['looked_at'], 'customer')} whose memberships may change first.")


@app.command()
def preview(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A definition that need not be published.")],
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which, if the file holds several.")] = None,
    json: Json = False,
) -> None:
    """How many customers a draft would hold, how many of them each channel reaches, and who, for example."""
    from cli.segments.drafts import read_draft
    from cli.segments.show import show_preview

    found = admin_api(*context.obj).post("/v1/segments/preview", {"draft": read_draft(file, name)})
    if json:
        as_json(found)
    else:
        show_preview(found)


@app.command()
def export(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    format: Annotated[str, typer.Option("--format", help="csv or ndjson.")] = "csv",  # noqa: A002 - the word of the option
    out: Annotated[Path | None, typer.Option(help="The file; standard output if absent.")] = None,
    trait: Annotated[list[str] | None, typer.Option(help="A trait to add, such as city; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """All members with their identifiers and chosen traits, page by page; a file appears whole or not at all."""
    from cli.segments.export import WRITERS, write_out

    if format not in WRITERS:
        raise typer.BadParameter("write csv or ndjson", param_hint="--format")
    if out is None and json:
        raise typer.BadParameter("--json tells what was written to a file: name it with --out", param_hint="--json")
    traits = trait or []
    items = admin_api(*context.obj).items(f"/v1/segments/{quoted(name)}/members", traits=",".join(traits))
    written = write_out(format, items, traits, out)
    if json:
        as_json({"segment": name, "members": written, "file": str(out)})
    elif out is not None:
        line(f"{counted(written, 'member')} of {name} written to {out}.")
