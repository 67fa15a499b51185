"""`kervan lake`: what reports are computed from."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import lake_rebuilding, rebuilding
from cli.commands.stage_option import Stage
from cli.lake_rebuilding import Progress
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line

app = typer.Typer(no_args_is_help=True, help="The lake, which reports read.")


@app.callback()
def lake() -> None:
    """The lake, which reports read."""


@app.command()
def rebuild(
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.1, max=10_000, help="Identifiers handed out in a second.")
    ] = 50.0,
    restart: Annotated[bool, typer.Option("--restart", help="Forget where an interrupted one stopped.")] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Tell the lake everything anew from the log and the ledger; it reads both tables. Rows that are there count once.

    An interrupted one goes on where it stopped; repeating it is harmless.
    """
    told = lake_rebuilding.told_of(stage)
    if restart:
        lake_rebuilding.forget(stage)
    progress = lake_rebuilding.load(stage)
    if progress.read and not json:
        line(f"...  going on behind {_said(progress)}")
    for progress in lake_rebuilding.rebuild_lake(  # noqa: B020 - the last one is told below
        told, progress, lambda now: lake_rebuilding.keep(stage, now), per_second, rebuilding.pause
    ):
        if not json and not progress.over:
            line(f"...  {progress.part}: {_said(progress)}")
    if json:
        as_json(
            {
                "items": progress.read,
                "identifiers": progress.identifiers,
                "rows": progress.rows,
                "unreadable": progress.unreadable,
            }
        )
        return
    line(f"{_said(progress)}. Reports show it within minutes, when segment-on-queue and Firehose are through.")
    if progress.unreadable:
        line(f"{counted(progress.unreadable, 'item')} could not be read and is not in the lake.")


def _said(progress: Progress) -> str:
    return (
        f"{counted(progress.read, 'item')} read, {counted(progress.identifiers, 'identifier')} and "
        f"{counted(progress.rows, 'outcome')} handed out"
    )
