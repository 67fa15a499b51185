"""`kervan demo`: made-up data to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import paths
from cli.failure import Failure
from cli.output.tables import Json, as_json, line

app = typer.Typer(help="Made-up data to look at.", no_args_is_help=False)


@app.callback()
def demo() -> None:
    """Made-up data to look at."""


@app.command()
def shop(
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write its lake; beside the local stack if absent.")
    ] = None,
    customers: Annotated[int, typer.Option(min=10, max=20_000, help="How many shop there.")] = 2_000,
    days: Annotated[int, typer.Option(min=10, max=730, help="How many days, up to yesterday.")] = 120,
    json: Json = False,
) -> None:
    """A shop that nobody owns, as a lake in a folder: reports have something to say."""
    from cli.demo_shop.play import RAW, play

    target = folder or paths.path("demo-shop")
    if target.exists() and not (target / RAW).is_dir() and any(target.iterdir()):
        raise Failure(f"{target} holds something else: name a folder that is empty or not there")
    counts = play(target, datetime.now(UTC), customers=customers, days=days)
    if json:
        as_json({"folder": str(target), "rows": counts})
        return
    line(f"{customers:,} customers, {days} days: {sum(counts.values()):,} rows in {target}.")
    line(f"Try: kervan report overview --lake {target} --compare --html overview.html")
