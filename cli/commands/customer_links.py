"""`kervan customer links`, `release`, `relink`: why identifiers belong together, and taking a wrong link back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, line, table, when

Child = Annotated[str, typer.Argument(metavar="CHILD", help="The identifier that is owned, such as anonymous:a-1.")]
Owner = Annotated[str, typer.Option(help="The identifier that the link goes to, such as user:42.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the timeline.")]
MessageId = Annotated[str | None, typer.Option(help="An id of your own: said again with it, it is said once.")]


def links(context: typer.Context, identifier: Id, json: Json = False) -> None:
    """Every identifier of a customer: who it belongs to, by which event, and what was released."""
    items = list(admin_api(*context.obj).items(f"/v1/customers/{quoted(identifier)}/links"))
    if json:
        as_json({"items": items})
        return
    rows = [row for item in items for row in _rows(item)]
    columns = ("identifier", "belongs to", "how", "since (UTC)", "by which event", "undone or restored")
    table(f"Links of {identifier}", columns, rows, empty="no identifier is known")


def release(
    context: typer.Context,
    child: Child,
    owner: Owner,
    reason: Reason,
    message_id: MessageId = None,
    json: Json = False,
) -> None:
    """Take an identifier from an owner that it does not belong to. Nothing is lost: relink undoes it."""
    _say(context, child, "release", owner, reason, message_id, json=json)


def relink(
    context: typer.Context,
    child: Child,
    owner: Owner,
    reason: Reason,
    message_id: MessageId = None,
    json: Json = False,
) -> None:
    """Bring a released link back."""
    _say(context, child, "relink", owner, reason, message_id, json=json)


def _say(
    context: typer.Context, child: str, word: str, owner: str, reason: str, message_id: str | None, *, json: bool
) -> None:
    body = {"owner": owner, "reason": reason} | ({"messageId": message_id} if message_id else {})
    said = admin_api(*context.obj).post(f"/v1/customers/{quoted(child)}/{word}", body)
    if json:
        as_json(said)
    else:
        line(f"Taken: {said['will']}.")


def _rows(item: dict[str, Any]) -> list[tuple[str, ...]]:
    note = f" (contested from {when(item['contested_from'])})" if item["contested_from"] else ""
    if not item["links"]:
        return [(item["identifier"] + note, "itself", "", "", "", "")]
    return [
        (
            item["identifier"] + note,
            link["owner"],
            link["state"] + (", trusted" if link["trusted"] else ""),
            when(link["since"]),
            "; ".join(_event(said) for said in link["said"]),
            _verdict(link["verdict"]),
        )
        for link in item["links"]
    ]


def _event(said: dict[str, Any]) -> str:
    event = said["event"]
    return f"{event['event']} {event['messageId']} from {event['source']}" if event else "no longer in the log"


def _verdict(verdict: dict[str, Any] | None) -> str:
    if verdict is None:
        return ""
    by = f" by {verdict['event']['source']}" if verdict["event"] else ""
    return f"{verdict['word']} {when(verdict['time'])}{by}: {verdict['reason'] or ''}"
