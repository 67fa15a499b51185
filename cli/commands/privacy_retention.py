"""`kervan privacy retention`: how long people are kept, and how many are due."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.deployment.api import admin_api
from cli.output.tables import Json, as_json, line, table, when


def retention(
    context: typer.Context,
    run: Annotated[bool, typer.Option("--run", help="Walk at once (local stack only).")] = False,
    json: Json = False,
) -> None:
    """Whose data have been kept long enough: the rules, how many are due, and what was erased."""
    if run:
        from cli.local.running import local_stack

        local_stack(*context.obj).walk_for_retention()
    found = admin_api(*context.obj).get("/v1/retention")
    if json:
        as_json(found)
        return
    rules, walk = found["rules"], found["walk"]
    line(f"Customers are kept {rules['customers_days']} days after the last sign of life, prospects {_days(rules)}.")
    if rules["carry_out"]:
        line(f"Who is due is erased, {rules['per_day']} a day at most.")
    else:
        line("Who is due is only counted. definitions/shop.yaml with retention: {carry_out: true} erases them.")
    if walk is None:
        line("Nobody was looked at yet.")
        return
    state = "goes on" if walk["ended_at"] is None else f"ended {when(walk['ended_at'])}"
    line(f"The walk of {when(walk['begun_at'])} {state}: {_counts(walk)}.")
    heads = ("begun (UTC)", "ended (UTC)", "looked at", "customers", "prospects", "have to stay", "erasures begun")
    rows = [
        (when(one["begun_at"]), when(one["ended_at"]), one["looked_at"], one["customer"], one["prospect"], one["kept"],
         one["begun"])
        for one in found["log"]
    ]  # fmt: skip
    table("Walks that ended", heads, rows, empty="none")


def _days(rules: dict[str, Any]) -> str:
    return f"{rules['prospects_days']} days"


def _counts(walk: dict[str, Any]) -> str:
    return (
        f"{walk['looked_at']} looked at, {walk['customer']} customers and {walk['prospect']} prospects due, "
        f"{walk['kept']} have to stay, {walk['begun']} erasures begun"
    )
