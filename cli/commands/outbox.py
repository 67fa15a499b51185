"""`kervan outbox`: what the local stack's senders delivered."""

from __future__ import annotations

import typer

from cli.local.outbox import delivered
from cli.local.running import local_stack
from cli.output.tables import Json, as_json, table, when


def outbox(context: typer.Context, json: Json = False) -> None:
    """E-mail, SMS and push that went out, oldest first (local stack only: real mail is not kept)."""
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
