"""`kervan customer consents`: what may be sent and why, and every statement as proof."""

from __future__ import annotations

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, table, when


def consents(context: typer.Context, identifier: Id, json: Json = False) -> None:
    """What holds now per channel and purpose and why, and who said what, when, where, to which text."""
    api, path = admin_api(*context.obj), f"/v1/customers/{quoted(identifier)}/consents"
    now = api.get(path, limit=1)["now"]
    items = list(api.items(path))
    if json:
        as_json({"now": now, "items": items})
        return
    held = [
        (row["channel"], row["purpose"], row["address"], row["granted"] and not row["suppressed"], row["why"])
        for row in now
    ]
    table(f"Consent of {identifier} now", ("channel", "purpose", "address", "may be sent", "why"), held, empty="")
    rows = [
        (when(item["time"]), item["said"], item["channel"], item["purpose"], item["address"], item["source"],
         "" if item["permitted"] else "does not count", item["origin"], item["text_version"])
        for item in items
    ]  # fmt: skip
    columns = ("time (UTC)", "said", "channel", "purpose", "address", "source", "", "where", "text")
    table("Statements", columns, rows, empty="nobody ever said anything about consent")
