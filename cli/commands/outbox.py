"""`kervan outbox`: what the local stack's senders delivered, and what the recipient does with it."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.local import clock
from cli.local.outbox import delivered
from cli.local.running import local_stack
from cli.output.tables import Json, as_json, line, table, when

app = typer.Typer(
    help="E-mail, SMS and push that went out, oldest first (local stack only: real mail is not kept).",
    invoke_without_command=True,
)
Message = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="As `kervan outbox --json` shows it.")]
Machine = Annotated[bool, typer.Option("--machine", help="A mail gateway does it, not the person.")]
Number = Annotated[int, typer.Option("--link", help="Which link of the message, counted from 1.")]


@app.callback()
def outbox(context: typer.Context, json: Json = False) -> None:
    if context.invoked_subcommand is not None:
        return
    items = delivered(local_stack(*context.obj))
    if json:
        as_json({"items": items})
        return
    rows = [
        (when(item["sent_at"]), item["channel"], item["to"], item["journey"], item["step"],
         item.get("subject") or item.get("title") or item.get("text"))
        for item in items
    ]  # fmt: skip
    table("Outbox", ("time (UTC)", "channel", "to", "journey", "step", "says"), rows, empty="nothing was sent yet")


@app.command("open")
def open_(context: typer.Context, message_id: Message, machine: Machine = False, json: Json = False) -> None:
    """The recipient opens an e-mail: its picture is loaded."""
    from cli.local.recipient import entry_of, fetch, open_message

    pixel = open_message(entry_of(delivered(local_stack(*context.obj)), message_id), fetch, machine=machine)
    _done({"message_id": message_id, "opened": pixel}, "Opened.", json=json)


@app.command()
def click(
    context: typer.Context, message_id: Message, link: Number = 1, machine: Machine = False, json: Json = False
) -> None:
    """The recipient clicks a link of the message; shows where it leads."""
    from cli.local.recipient import click_message, entry_of, fetch

    entry = entry_of(delivered(local_stack(*context.obj)), message_id)
    leads_to = click_message(entry, link, fetch, machine=machine)
    _done({"message_id": message_id, "link": link, "leads_to": leads_to}, f"Leads to {leads_to}", json=json)


@app.command()
def bounce(context: typer.Context, message_id: Message, json: Json = False) -> None:
    """SES tells that the address of an e-mail does not exist."""
    _report(context, message_id, "bounce", json=json)


@app.command()
def complain(context: typer.Context, message_id: Message, json: Json = False) -> None:
    """SES tells that the recipient marked an e-mail as spam."""
    _report(context, message_id, "complaint", json=json)


def _report(context: typer.Context, message_id: str, kind: Literal["bounce", "complaint"], *, json: bool) -> None:
    from cli.local.recipient import entry_of, report

    stack = local_stack(*context.obj)
    entry = entry_of(delivered(stack), message_id)
    report(stack, entry, kind, clock.now())
    _done({"message_id": message_id, "reported": kind}, f"Reported a {kind} of {message_id}.", json=json)


def _done(said: dict[str, object], text: str, *, json: bool) -> None:
    if json:
        as_json(said)
    else:
        line(text)
