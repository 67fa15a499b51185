"""`kervan iys`: the exchange with Turkey's register of consent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.deployment.api import admin_api
from cli.output.tables import Json, as_json, line, table, when

app = typer.Typer(help="Turkey's register of consent (IYS).", no_args_is_help=False)

PAGE = 500


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """The account, what waits, the next deadline, and when changes were read last."""
    found = admin_api(*context.obj).get("/v1/iys")
    if json:
        as_json(found)
        return
    account, counts = found["account"], found["counts"]
    if account is None:
        line("The shop has no account at IYS: definitions/shop.yaml says none.")
        return
    line(
        f"Account {account['code']}, brand {account['brand']}. "
        f"Advertising {'needs' if found['required'] else 'does not need'} its approval."
    )
    line(f"Due {counts['due']}, on their way {counts['pending']}, refused {counts['refused']}.")
    line(f"Next deadline: {when(found['next_deadline']) if found['next_deadline'] else 'none'}.")
    line(f"Changes were read last: {when(found['read_at']) if found['read_at'] else 'never'}.")
    if found["unreadable"]:
        line(f"Changes that could not be read, in 30 days: {found['unreadable']}. See: kervan iys unreadable")
    if found["missing_since"]:
        line(f"Changes of before {when(found['missing_since'])} may be missing: IYS is asked of every recipient.")


@app.command("list")
def list_statements(
    context: typer.Context,
    state: Annotated[Literal["due", "pending", "refused"], typer.Option(help="Which ones.")] = "due",
    json: Json = False,
) -> None:
    """Recipients whose statements are due, on their way or refused, the most urgent first."""
    items = list(admin_api(*context.obj).items("/v1/iys/statements", state=state))
    if json:
        as_json({"items": items})
        return
    rows = [
        (one["address"], one["recipient_type"], one["status"] or "unknown", said["status"], when(said["at"]),
         said["state"], said["code"], when(said["due_by"]))
        for one in items
        for said in one["statements"]
        if said["state"] != "accepted"
    ]  # fmt: skip
    heads = ("address", "recipient", "IYS holds", "told", "of (UTC)", "state", "code", "until (UTC)")
    table(f"At IYS: {state}", heads, rows, empty="none")


@app.command()
def unreadable(context: typer.Context, json: Json = False) -> None:
    """Changes that could not be read, of the last 30 days. A refusal in them counts; look the rest up at IYS."""
    items = admin_api(*context.obj).get("/v1/iys/unreadable")["items"]
    if json:
        as_json({"items": items})
        return
    rows = [
        (
            when(one["at"]),
            one["customer"] or "unknown",
            "; ".join(f"{name} {text}" for name, text in one["row"].items()),
        )
        for one in items
    ]
    table("Changes that could not be read", ("read at (UTC)", "customer", "what is kept"), rows, empty="none")


@app.command()
def retry(context: typer.Context, json: Json = False) -> None:
    """Tell IYS once more what it refused, after the cause was mended."""
    answer = admin_api(*context.obj).post("/v1/iys/retries", {})
    if json:
        as_json(answer)
    else:
        line(f"{answer['asked']} recipients are told once more with the next exchange.")


@app.command()
def reconcile(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of IYS: CSV with its own columns.")],
    json: Json = False,
) -> None:
    """Take over what IYS holds, from its own file. Repeating it is safe; no journey begins because of it."""
    from cli.importing.iys_file import rows_of

    api = admin_api(*context.obj)
    accepted, unreadable, first = 0, [], 2
    for part in rows_of(file, PAGE):
        answer = api.post("/v1/iys/rows", {"rows": part})
        accepted += answer["accepted"]
        unreadable += [first + place for place in answer["unreadable"]]
        first += len(part)
    if json:
        as_json({"accepted": accepted, "unreadable": unreadable})
        return
    line(f"{accepted} rows are taken over in the next minutes.")
    if unreadable:
        some = ", ".join(map(str, unreadable[:10]))
        line(f"{len(unreadable)} rows were left out, because they are about calls or cannot be read: lines {some}.")


@app.command()
def run(context: typer.Context, json: Json = False) -> None:
    """Exchange with IYS at once (local stack only); elsewhere it happens every quarter of an hour."""
    from cli.local.running import local_stack

    stack = local_stack(*context.obj)
    stack.exchange_with_iys()
    if json:
        as_json({"done": True})
    else:
        line("The exchange is done.")
