"""`kervan customer`: who somebody is, what happened, what was sent and why not."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.api import admin_api, quoted
from cli.show import Json, as_json, pairs, table, when

app = typer.Typer(
    help="One customer: the whole picture, everything that happened, and what was sent.", no_args_is_help=False
)
Id = Annotated[
    str, typer.Argument(metavar="ID", help="An identifier such as user:42, email:ayse@example.com, loyalty:L7.")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")]


@app.command()
def show(context: typer.Context, identifier: Id, json: Json = False) -> None:
    """The customer that an identifier belongs to."""
    found = admin_api(*context.obj).get(f"/v1/customers/{quoted(identifier)}")
    if json:
        as_json(found)
        return
    cart = found.get("cart") or {}
    orders = found.get("orders") or {}
    pairs(
        f"Customer {found.get('id', '')}",
        {
            "identifiers": found.get("identifiers"),
            "traits": found.get("traits"),
            "consent": found.get("consent"),
            "segments": {name: f"since {when(since)}" for name, since in (found.get("segments") or {}).items()},
            "cart": [_line(item) for item in cart.get("items") or []],
            "cart changed": when(cart.get("updated_at")),
            "wishlist": [
                item.get("product_id", item) if isinstance(item, dict) else item for item in found.get("wishlist") or []
            ],
            "orders": {name: value for name, value in orders.items() if value is not None}
            if orders.get("count")
            else "none",
            "preferred channel": found.get("preferred_channel"),
            "active hours": found.get("active_hours"),
            "journeys": [_journey(item) for item in found.get("journeys") or []],
        },
    )


@app.command()
def timeline(context: typer.Context, identifier: Id, limit: Limit = 50, json: Json = False) -> None:
    """Everything that happened on any channel, newest first."""
    items = list(admin_api(*context.obj).items(f"/v1/customers/{quoted(identifier)}/timeline", limit=limit))
    if json:
        as_json({"items": items})
        return
    rows = [(when(_first(item, "time", "at", "timestamp")), _first(item, "event", "name", "type"), item.get("source"),
             item.get("channel"), _first(item, "identifier", "properties", "text")) for item in items]  # fmt: skip
    table(
        f"Timeline of {identifier}",
        ("time (UTC)", "what", "source", "channel", "about"),
        rows,
        empty="nothing happened yet",
    )


@app.command()
def messages(context: typer.Context, identifier: Id, limit: Limit = 50, json: Json = False) -> None:
    """What was sent, what was not, and why."""
    items = list(admin_api(*context.obj).items(f"/v1/customers/{quoted(identifier)}/messages", limit=limit))
    if json:
        as_json({"items": items})
        return
    rows = [
        (when(_first(item, "at", "updated_at", "time")), item.get("journey"), item.get("step"), item.get("channel"),
         _first(item, "state", "outcome"), item.get("reason"))
        for item in items
    ]  # fmt: skip
    table(
        f"Messages to {identifier}",
        ("time (UTC)", "journey", "step", "channel", "outcome", "reason"),
        rows,
        empty="no message yet",
    )


def _first(item: dict[str, Any], *names: str) -> Any:
    return next((item[name] for name in names if item.get(name) not in (None, "", {})), None)


def _line(item: dict[str, Any]) -> str:
    quantity = item.get("quantity", 1)
    name = item.get("name") or item.get("product_id")
    return f"{quantity} x {name}"


def _journey(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    state = _first(item, "status", "state", "ended")
    return (
        f"{item.get('journey') or item.get('name')} ({state}{', ' + str(item['reason']) if item.get('reason') else ''})"
    )
