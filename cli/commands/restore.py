"""`kervan restore`: items of a restored table come back into the table of a stage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli import restoring
from cli.commands.stage_option import Stage
from cli.failure import WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line


def restore(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Such as customers: the name without the stage.")],
    source: Annotated[str, typer.Option("--from", help="The table that AWS restored beside it, by its whole name.")],
    replacing: Annotated[
        bool, typer.Option("--replace", help="Write also over items that are there. Never over messages.")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Forget where an interrupted one stopped.")] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Copy what is missing from a table that AWS restored. Read docs/restore.md first.

    An interrupted one goes on where it stopped; repeating it is harmless.
    """
    if replacing and table == restoring.LEDGER:
        raise WrongUse("messages remember what was sent since then: leave --replace out")
    if restart:
        restoring.forget(stage)
    tables = restoring.tables_of(stage, table, source)
    progress = restoring.begin(stage, restoring.Progress(table, source, replacing))
    if progress.read and not json:
        line(f"...  going on behind {counted(progress.read, 'item')}")
    now = datetime.now(UTC)
    for progress in restoring.restore(  # noqa: B020 - the last one is told below
        tables, progress, now, lambda done: restoring.keep(stage, done)
    ):
        if not json and not progress.over:
            line(f"...  {counted(progress.read, 'item')} read, {progress.put} written")
    if json:
        as_json({"table": table, "from": source, "read": progress.read, "put": progress.put, "kept": progress.kept})
    else:
        line(f"{table}: {counted(progress.put, 'item')} written, {progress.kept} were there.")
