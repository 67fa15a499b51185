"""`kervan stock`: levels of a sku, movements by hand, and levels from a file."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.deployment.api import admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.importing.stock_rows import read_stock_rows
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, working

app = typer.Typer(help="Stock: how many pieces of a sku lie at which location.", no_args_is_help=False)
KINDS = ("sale", "return", "receipt", "transfer", "count", "reserve")
AT_ONCE = 100
SHOWN = 5
COLUMNS = ("on_hand", "reserved", "incoming", "available")


@app.command("show")
def show(context: typer.Context, sku: Annotated[str, typer.Argument(metavar="SKU")], json: Json = False) -> None:
    """The levels of a sku at all locations."""
    found = admin_api(*context.obj).get(f"/v1/stock/{quoted(sku)}")
    if json:
        as_json(found)
        return
    rows = [(row["location"], *(row[name] for name in COLUMNS), row["promisable"]) for row in found["locations"]]
    total = ("all", *(found["total"][name] for name in COLUMNS), "")
    table(f"Stock of {sku}", ("location", *COLUMNS, "promisable"), [*rows, total], empty="nothing is known of it")


@app.command("move")
def move(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))],
    sku: Annotated[str, typer.Argument(metavar="SKU")],
    location: Annotated[str, typer.Argument(metavar="LOCATION")],
    quantity: Annotated[int, typer.Argument(metavar="QUANTITY", help="Pieces; of a count: how many were found.")],
    to: Annotated[str | None, typer.Option(help="Where a transfer goes.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Names the movement: repeated with the same key, it changes nothing.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="The order that it belongs to.")] = None,
    json: Json = False,
) -> None:
    """Change a level once."""
    if kind not in KINDS:
        raise WrongUse(f"{kind} is no kind of movement: {', '.join(KINDS)}")
    body: dict[str, Any] = {
        "key": key or f"cli-{secrets.token_hex(8)}",
        "kind": kind,
        "sku": sku,
        "location": location,
        "quantity": quantity,
        **({"to": to} if to else {}),
        **({"order_id": order} if order else {}),
    }
    found = admin_api(*context.obj).post("/v1/stock/movements", body)
    if json:
        as_json(found)
        return
    if "reservation" in found:
        held = found["reservation"]
        line(f"{counted(quantity, 'piece')} of {escape(sku)} held until {held['until']}: {escape(held['id'])}")
        return
    [item] = found["items"]
    level = ", ".join(f"{item['level'][name]:,} {name.replace('_', ' ')}" for name in COLUMNS)
    before = " (it was applied before)" if item["state"] == "repeated" else ""
    line(f"{escape(sku)} at {escape(location)}: {level}{before}")


@app.command("import")
def import_stock(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or NDJSON with sku, location, quantity.")],
    kind: Annotated[str, typer.Option(help="What a row without a kind is.")] = "count",
    json: Json = False,
) -> None:
    """Set levels from a file. Importing the same file again changes nothing."""
    if kind not in KINDS[:-1] or kind == "transfer":
        raise WrongUse(f"{kind} cannot be said of a whole file: count, receipt, sale or return")
    api = admin_api(*context.obj)
    rows = read_stock_rows(file, kind)
    done: dict[str, Any] = {"applied": 0, "repeated": 0, "refused": list(rows.refused)}
    with contextlib.nullcontext() if json else working(f"{counted(len(rows.lines), 'row')} of {file.name}"):
        for start in range(0, len(rows.lines), AT_ONCE):
            part = rows.lines[start : start + AT_ONCE]
            body = {
                "key": f"import-{rows.digest}-{kind}-{start // AT_ONCE}",
                "all_or_nothing": False,
                "lines": [said for _, said in part],
            }
            answer = api.post("/v1/stock/movements", body)
            for (number, _), item in zip(part, answer["items"], strict=True):
                if item["state"] == "refused":
                    done["refused"].append({"line": number, "reason": item["reason"]})
                else:
                    done[item["state"]] += 1
    if json:
        as_json({"file": str(file), **done})
    else:
        line(f"{counted(done['applied'], 'row')} applied, {done['repeated']:,} known before.")
    if done["refused"]:
        said = "; ".join(f"line {one['line']}: {one['reason']}" for one in done["refused"][:SHOWN])
        raise Failure(f"not taken: {counted(len(done['refused']), 'row')} of {file} ({said})")
