"""`kervan rebuild`: facts, links and memberships anew from the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli import rebuilding
from cli.commands.stage_option import Stage
from cli.deployment.api import admin_api, quoted
from cli.failure import WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line


def rebuild(
    context: typer.Context,
    identifier: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Such as user:42, or a customer's id.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody in the log; reads the whole table.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", help="With --all: only who has events that came within, such as 36h.")
    ] = None,
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.1, max=10_000, help="Identifiers handed out in a second.")
    ] = 50.0,
    restart: Annotated[bool, typer.Option("--restart", help="Forget where an interrupted one stopped.")] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Make facts, links and memberships anew from the log: of one customer, or of everybody. No journey begins by it.

    An interrupted `--all` goes on where it stopped; repeating it is harmless.
    """
    if (identifier is None) == (not everybody):
        raise WrongUse("say whom: kervan rebuild user:42, or kervan rebuild --all")
    if identifier is not None:
        if since is not None:
            raise WrongUse("--since goes with --all")
        answer = admin_api(*context.obj).post(f"/v1/customers/{quoted(identifier)}/rebuild", {})
        if json:
            as_json(answer)
        else:
            line(f"{answer['customer']}: {counted(answer['identifiers'], 'identifier')} made anew within seconds.")
        return
    _all(stage, _since(since), per_second, restart=restart, json=json)


def _all(stage: str, since: datetime | None, per_second: float, *, restart: bool, json: bool) -> None:
    log = rebuilding.log_of(stage)
    if restart:
        rebuilding.forget(stage)
    progress = rebuilding.load(stage, since)
    if progress.handed and not json:
        line(f"...  going on behind {counted(progress.handed, 'identifier')}")
    for progress in rebuilding.rebuild_all(  # noqa: B020 - the last one is told below
        log, progress, lambda now: rebuilding.keep(stage, now), per_second, rebuilding.pause
    ):
        if not json:
            line(f"...  {_said(progress.read, progress.handed)}, about {log.waiting()} tasks wait")
    done: dict[str, Any] = {"events": progress.read, "identifiers": progress.handed, "waiting": log.waiting()}
    if json:
        as_json(done)
    else:
        line(f"{_said(progress.read, progress.handed)}. segment-on-queue makes them anew; what fails is a dead letter.")


def _said(read: int, handed: int) -> str:
    return f"{counted(read, 'event')} read, {counted(handed, 'identifier')} handed out"


def _since(text: str | None) -> datetime | None:
    from shared.domain.time.durations import parse_duration

    if text is None:
        return None
    try:
        within: timedelta = parse_duration(text)
    except ValueError as wrong:
        raise WrongUse(f"--since {text}: write a duration such as 36h or 7d") from wrong
    return datetime.now(UTC) - within
