"""`kervan import`: events, customers and consents from files, through the deployment's own API."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from cli.failure import Failure, WrongUse
from cli.tables import Json, as_json, line
from shared.domain.events.refusals import Refused

app = typer.Typer(
    help="Files of events, customers or consents (NDJSON, CSV, .gz) into a deployment. Importing twice is harmless.",
    no_args_is_help=False,
)
Kind = Literal["events", "customers", "consents"]
File = Annotated[Path, typer.Argument(metavar="FILE", help="FILE.ndjson or FILE.csv, or either with .gz.")]
Format = Annotated[Literal["ndjson", "csv"] | None, typer.Option(help="If the file's ending does not say it.")]
At = Annotated[
    str | None, typer.Option(help="The time of rows that have none. Customers: if absent, the file's own time.")
]
Zone = Annotated[str, typer.Option("--time-zone", help="Of times written without one, such as Europe/Istanbul.")]
Encoding = Annotated[
    Literal["utf-8", "cp1254", "iso-8859-9"], typer.Option(help="Of CSV files. Older Excel in Turkey writes cp1254.")
]
Url = Annotated[
    str | None, typer.Option("--endpoint", envvar="KERVAN_ENDPOINT", help="A deployment; the local stack if absent.")
]
Key = Annotated[
    str | None, typer.Option("--write-key", envvar="KERVAN_WRITE_KEY", help="The write key of a trusted source.")
]
Live = Annotated[bool, typer.Option("--live", help="Rows may begin journeys; else they are history and begin none.")]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew instead of going on after an interruption.")]


_SAID: dict[Kind, str] = {
    "events": "What happened: Segment bodies a line, or columns type, event, userId, email, timestamp, properties.*",
    "customers": "People: columns user, email, phone, loyalty, time; every other column is a trait.",
    "consents": "Who agreed to what: columns identifier, channel, purpose, status, address, time, source.",
}


def _command(kind: Kind) -> Callable[..., None]:
    def command(
        context: typer.Context,
        file: File,
        format: Format = None,  # noqa: A002 - the option's name
        at: At = None,
        time_zone: Zone = "UTC",
        encoding: Encoding = "utf-8",
        endpoint: Url = None,
        write_key: Key = None,
        live: Live = False,
        restart: Restart = False,
        json: Json = False,
    ) -> None:
        url = endpoint or context.obj[0]
        _import(kind, file, format, at, time_zone, encoding, url, write_key, live=live, restart=restart, json=json)

    return command


for _kind, _help in _SAID.items():
    app.command(_kind, help=_help)(_command(_kind))


def _import(
    kind: Kind,
    file: Path,
    named: Literal["ndjson", "csv"] | None,
    at: str | None,
    time_zone: str,
    encoding: str,
    url: str | None,
    write_key: str | None,
    *,
    live: bool,
    restart: bool,
    json: bool,
) -> None:
    from cli.importing import endpoint as endpoints
    from cli.importing.bar import Bar
    from cli.importing.moments import read_zone, written
    from cli.importing.plan import Plan, format_of, time_of_rows
    from cli.importing.pool import Stop
    from cli.importing.progress_file import Progress, ProgressFile
    from cli.importing.rejected_file import RejectedFile
    from cli.importing.run import Import
    from cli.importing.source import Source

    to = endpoints.endpoint(url, write_key)
    zone = read_zone(time_zone)
    with Source(file) as source:
        given = None if at is None else _given_time(at, zone)
        dated = time_of_rows(kind, source, given, datetime.now(UTC))
        plan = Plan(kind, file, format_of(file, named), encoding, zone, dated, live)
        progress = ProgressFile(file, plan.about(source, to.url))
        before = (None if restart else progress.load()) or Progress()
        console = Console(highlight=False, stderr=json, width=None if sys.stdout.isatty() else 160, quiet=_quiet(json))
        if before.rows:
            console.print(f"Going on from line {before.line:,}; {before.rows:,} rows were done before.", soft_wrap=True)
        began = time.monotonic()
        with Bar(file.name, source.size, before, console) as bar, _stopping(Stop()) as stop:
            rejected = RejectedFile(file)
            done = Import(plan, source, to.post, progress, rejected, stop, before, bar.show).run()
            seconds, rate = time.monotonic() - began, bar.rate
    summary = {
        "kind": kind, "file": str(file), "endpoint": to.url, "rows": done.rows, "accepted": done.accepted,
        "rejected": done.rejected, "rejected_file": str(rejected.path) if done.rejected else None,
        "continued_from_line": before.line if before.rows else None, "rows_without_time_at": dated and written(dated),
        "seconds": round(seconds, 3), "rows_per_second": round(rate, 1),
    }  # fmt: skip
    if json:
        as_json(summary)
    else:
        _say(summary)
    if done.rejected and not done.accepted:
        raise Failure(f"no row of {file} was accepted; the reasons are in {rejected.path}")


def _say(summary: dict[str, Any]) -> None:
    from rich.markup import escape

    rejected = f", {summary['rejected']:,} rejected: see {summary['rejected_file']}" if summary["rejected"] else ""
    line(
        escape(
            f"{summary['rows']:,} rows of {summary['file']}: {summary['accepted']:,} accepted{rejected}"
            f" ({summary['seconds']:.1f} s, {summary['rows_per_second']:,.0f} rows/s)."
        )
    )
    if summary["rows_without_time_at"]:
        line(f"Rows without a time are dated {summary['rows_without_time_at']}; import them again with the same --at.")


def _given_time(text: str, zone: Any) -> datetime:
    from cli.importing.moments import read_moment

    try:
        return datetime.fromisoformat(read_moment(text, zone, "--at"))
    except Refused as wrong:
        raise WrongUse(str(wrong)) from wrong


def _quiet(json: bool) -> bool:
    """With --json, progress is shown only to a person who looks at the terminal."""
    return json and not sys.stderr.isatty()


@contextlib.contextmanager
def _stopping(stop: Any) -> Iterator[Any]:
    """Ctrl-C and a polite kill ask to stop; the second one ends at once. The progress file is right either way."""

    def ask(_signal: int, _frame: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.ask()

    before: list[tuple[int, Callable[..., Any] | int | None]] = []
    with contextlib.suppress(ValueError):  # not the main thread: nobody presses keys
        before.extend((number, signal.signal(number, ask)) for number in (signal.SIGINT, signal.SIGTERM))
    try:
        yield stop
    finally:
        for number, handler in before:
            signal.signal(number, handler)
