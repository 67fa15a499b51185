"""`kervan suppression`: addresses that bounced, and writing to them again."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.deployment.api import admin_api, quoted
from cli.output.tables import Json, as_json, line

app = typer.Typer(help="Addresses that are not written to because they bounced.", no_args_is_help=True)


@app.callback()
def suppression() -> None:
    """Addresses that are not written to because they bounced."""


@app.command("lift")
def lift(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as ayse@example.com or +905321112233.")],
    because: Annotated[str, typer.Option(help="Why; it stays in the timeline, with who did it.")],
    json: Json = False,
) -> None:
    """Write to an address again that bounced. Who refused stays refused."""
    path = f"/v1/customers/{quoted(address)}/lift-suppression"
    said = admin_api(*context.obj).post(path, {"because": because})
    if json:
        as_json(said)
    else:
        line(f"{said['lifted']} bounces on {said['channel']} count no more, by {said['by']}: {said['because']}")
