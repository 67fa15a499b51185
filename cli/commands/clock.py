"""`kervan clock`: the local stack's time. Real deployments have only the real one."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from cli.failure import WrongUse
from cli.local import clock as local_clock
from cli.local.running import local_stack
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line

app = typer.Typer(help="The clock of the local stack (local stack only).", no_args_is_help=False)


@app.command()
def show(context: typer.Context, json: Json = False) -> None:
    """The local stack's time."""
    stack = local_stack(*context.obj)
    _print(local_clock.now(), stack.time_zone(), json)


@app.command()
def advance(
    context: typer.Context,
    duration: Annotated[str | None, typer.Argument(metavar="[DURATION]", help="Such as 25h, 30m, 3d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="HH:MM", help="To the shop's next such time of day.")] = None,
    json: Json = False,
) -> None:
    """Move time on, through every due moment in order, until nothing is due, queued or unfolded."""
    if (duration is None) == (until is None):
        raise WrongUse("say how far: either a duration such as 25h, or --until 10:00")
    span = local_clock.parse_duration(duration) if duration else None
    stack = local_stack(*context.obj)
    zone = stack.time_zone()
    start = local_clock.now()
    target = start + span if span else local_clock.next_local(until or "", start, zone)

    def tell(due: datetime, kind: str) -> None:
        if not json:
            line(f"  {local_clock.in_zone(due, zone):%Y-%m-%d %H:%M:%S}  {kind}")

    began = time.monotonic()
    moments = local_clock.advance(stack.movable(), target, tell=tell)
    if not json:
        line(f"{counted(moments, 'due moment')} in {time.monotonic() - began:.1f} s")
    _print(local_clock.now(), zone, json, moments=moments)


def _print(now: datetime, zone: str, json: bool, **more: int) -> None:
    local = local_clock.in_zone(now, zone)
    if json:
        as_json(
            {
                "now": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
                "local": local.isoformat(timespec="seconds"),
                **more,
            }
        )
    else:
        line(f"It is {local:%A %Y-%m-%d %H:%M:%S} in the shop ({zone}), {now:%H:%M:%S} UTC.")
