"""`kervan privacy cases`, `open`, `carry-out`, `refuse`, `lift` and `report`: requests of people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.output.case_report import csv_of, html_of, summary_of
from cli.output.tables import Json, as_json, line, pairs, table, when

RightName = Literal["erase", "export", "restrict", "object"]
State = Literal["waiting", "open", "running", "done", "refused", "lifted"]
Reason = Literal["identity_not_proven", "no_data", "kept_by_law", "repeated", "withdrawn", "unfounded"]
Case = Annotated[str, typer.Argument(metavar="CASE", help="The id of a case.")]
File = Annotated[Path | None, typer.Option(help="The file to write.", dir_okay=False)]
PATH = "/v1/cases"


def cases(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="waiting: those without an answer.")] = None,
    json: Json = False,
) -> None:
    """Requests of people, the newest first, with the day by which they must be answered."""
    items = _all(admin_api(*context.obj), state)
    if json:
        as_json({"items": items})
        return
    rows = [
        (one["id"], one["right"], one["state"], when(one["due_at"]), _urgency(one), one["number"] or "")
        for one in items
    ]  # fmt: skip
    table("Cases", ("case", "right", "state", "due (UTC)", "", "number"), rows, empty="nobody asked for anything")


def case(context: typer.Context, name: Case, json: Json = False) -> None:
    """One case with its log."""
    _told(admin_api(*context.obj).get(f"{PATH}/{quoted(name)}"), json=json)


def open_case(
    context: typer.Context,
    right: Annotated[RightName, typer.Argument(help="What the person asks for.")],
    identifier: Id,
    number: Annotated[str, typer.Option(help="Your number of the request; no name of a person.")] = "",
    json: Json = False,
) -> None:
    """Note what a person asks for. It must be answered within 30 days."""
    body = {"right": right, **({"number": number} if number else {})}
    _told(admin_api(*context.obj).post(f"/v1/customers/{quoted(identifier)}/cases", body), json=json)


def carry_out(context: typer.Context, name: Case, json: Json = False) -> None:
    """Erase, restrict or object, as the case asks; for an export: note that the person has his copy."""
    _told(_decide(context, name, {"action": "carry_out"}), json=json)


def refuse(
    context: typer.Context, name: Case, reason: Annotated[Reason, typer.Option(help="Why.")], json: Json = False
) -> None:
    """Refuse a request. Tell the person why, and that he may complain to the authority."""
    _told(_decide(context, name, {"action": "refuse", "reason": reason}), json=json)


def lift(context: typer.Context, name: Case, json: Json = False) -> None:
    """End a restriction or an objection, because the person said so."""
    _told(_decide(context, name, {"action": "lift"}), json=json)


def report(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", help="The first day of the requests.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day of the requests.")] = None,
    csv: File = None,
    html: File = None,
    language: Annotated[Literal["tr", "en"], typer.Option(help="Of the page.")] = "tr",
    json: Json = False,
) -> None:
    """What was asked and what was answered, for the authority: no value of a person is in it."""
    begin, end = _day(first, date.min), _day(last, date.max)
    items = [one for one in _all(admin_api(*context.obj)) if begin <= _day(one["requested_at"][:10], begin) <= end]
    told = {"from": first, "to": last, **summary_of(items), "items": items}
    if json:
        as_json(told)
        return
    for file, content in ((csv, csv_of), (html, lambda found: html_of(found, language))):
        if file is not None:
            _write(file, content(told))
    shown = {name: value for name, value in told.items() if name not in {"items", "from", "to"}}
    pairs(f"Requests of people from {first or 'the beginning'} to {last or 'today'}", shown)


def _all(api: AdminApi, state: str | None = None) -> list[dict[str, Any]]:
    return list(api.items(PATH, state=state))


def _decide(context: typer.Context, name: str, body: dict[str, Any]) -> Any:
    return admin_api(*context.obj).post(f"{PATH}/{quoted(name)}", body)


def _told(found: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(found)
        return
    log = [f"{when(one['at'])} {one['state']} by {one['by']} {one['reason'] or ''}".rstrip() for one in found["log"]]
    shown = {name: value for name, value in found.items() if name not in {"id", "log"} and value not in (None, False)}
    pairs(f"Case {found['id']}", {**shown, "log": log})


def _urgency(one: dict[str, Any]) -> str:
    if one["overdue"]:
        return "OVERDUE"
    return "due within two days" if one["pressing"] else "due within a week" if one["urgent"] else ""


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as broken:
        raise WrongUse("a day is written as 2026-11-30") from broken


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror or 'no reason given'}") from error
    line(f"{file} is written.")
