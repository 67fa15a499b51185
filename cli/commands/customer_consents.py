"""`kervan customer consents`: what may be sent and why, and every statement as proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, table, when


def consents(context: typer.Context, identifier: Id, json: Json = False) -> None:
    """What holds now per channel and purpose and why, and who said what, when, where, to which text."""
    api, path = admin_api(*context.obj), f"/v1/customers/{quoted(identifier)}/consents"
    answer = api.get(path, limit=1)
    now, chosen, texts, register = answer["now"], answer["preferences"], answer["texts"], answer["iys"]
    items = list(api.items(path))
    if json:
        as_json({"now": now, "preferences": chosen, "items": items, "iys": register, "texts": texts})
        return
    held = [
        (row["channel"], row["purpose"], row["address"], row["granted"] and not row["suppressed"], row["why"])
        for row in now
    ]
    table(f"Consent of {identifier} now", ("channel", "purpose", "address", "may be sent", "why"), held, empty="")
    if chosen is not None:
        often = f"one message in {chosen['one_in_days']} days" if chosen["one_in_days"] else "as many as the shop sends"
        until = when(chosen["paused_until"]) if chosen["paused_until"] else ""
        choice = (when(chosen["time"]), often, until, chosen["language"], chosen["origin"], chosen["text_version"])
        names = ("time (UTC)", "at most", "paused until", "language", "where", "text")
        table("Preferences", names, [choice], empty="")
    rows = [
        (when(item["time"]), item["said"], item["channel"], item["purpose"], item["address"], item["source"],
         _note(item), item["origin"], item["text_version"])
        for item in items
    ]  # fmt: skip
    columns = ("time (UTC)", "said", "channel", "purpose", "address", "source", "", "where", "text")
    table("Statements", columns, rows, empty="nobody ever said anything about consent")
    if register:
        at_iys = [
            (row["channel"], row["address"], row["recipient_type"], row["status"] or "unknown", *told)
            for row in register
            for told in [
                (said["status"], when(said["at"]), said["state"], said["code"], when(said["due_by"]))
                for said in row["statements"][-5:]
            ] or [("", "", "", "", "")]
        ]  # fmt: skip
        heads = ("channel", "address", "recipient", "IYS holds", "told", "of (UTC)", "state", "code", "until (UTC)")
        table("At IYS", heads, at_iys, empty="")
    if texts:
        said = [(version, language, text) for version, by in texts.items() for language, text in by.items()]
        table("What they were said to", ("text", "language", "what it says"), said, empty="")


def _note(item: Mapping[str, Any]) -> str:
    folded = item.get("folded")  # an older deployment tells nothing of it
    if folded is None:
        return "" if item["permitted"] else "does not count"
    between = f"{when(folded['first_received_at'])} and {when(folded['last_received_at'])}"
    return f"{folded['count']} statements between {between}{', of more words' if folded['widened'] else ''}"
