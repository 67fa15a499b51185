"""`kervan import`: events, customers and consents from files, through the deployment's own API."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from cli.commands.import_journey import pinpoint_journey
from cli.failure import Failure, WrongUse
from cli.output.tables import Json, as_json, line
from shared.domain.events.refusals import Refused

if TYPE_CHECKING:
    from cli.importing.plan import Plan

app = typer.Typer(
    help="Files of events, customers, orders or consents into a deployment, also as other tools export them.",
    no_args_is_help=False,
)
Kind = Literal["events", "customers", "orders", "consents"]
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
From = Annotated[
    str | None, typer.Option("--from", metavar="NAME", help="Whose file it is, if it is not recognised; or plain.")
]
Map = Annotated[
    Path | None, typer.Option("--map", metavar="FILE.yaml", help="What each column becomes (docs/import.md).")
]
ConsentsAt = Annotated[
    str | None, typer.Option("--consents-at", help="When a yes was said whose time the file does not tell.")
]
Withdraw = Annotated[
    bool,
    typer.Option("--withdraw", help="A no is a withdrawal: for a newer export of a shop that was imported before."),
]
Prefix = Annotated[
    str, typer.Option("--user-prefix", help="Before customer numbers, as the user_prefix of the shop's connector.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Shows what columns become and the first three rows; sends nothing.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until the local stack has folded the events.")]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew instead of going on after an interruption.")]


_SAID: dict[Kind, str] = {
    "events": "What happened: Segment bodies a line, or columns type, event, userId, email, timestamp, properties.*",
    "customers": "People: columns user, email, phone, loyalty, time, traits; or the export of another tool.",
    "orders": "Orders as Shopify or WooCommerce export them, or described by --map.",
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
        named: From = None,
        mapping: Map = None,
        consents_at: ConsentsAt = None,
        withdraw: Withdraw = False,
        user_prefix: Prefix = "",
        dry_run: DryRun = False,
        live: Live = False,
        restart: Restart = False,
        no_wait: NoWait = False,
        json: Json = False,
    ) -> None:
        plan = _plan(
            kind, file, format, at, time_zone, encoding, named, mapping, consents_at, withdraw,
            live=live, user_prefix=user_prefix,
        )  # fmt: skip
        if dry_run:
            _show(plan, json=json)
        else:
            _import(plan, endpoint or context.obj[0], write_key, restart=restart, wait=not no_wait, json=json)

    return command


for _kind, _help in _SAID.items():
    app.command(_kind, help=_help)(_command(_kind))


def _plan(
    kind: Kind,
    file: Path,
    form: Literal["ndjson", "csv"] | None,
    at: str | None,
    time_zone: str,
    encoding: str,
    named: str | None,
    mapping: Path | None,
    consents_at: str | None,
    withdraw: bool,
    *,
    live: bool,
    user_prefix: str,
) -> Plan:
    from cli.importing.moments import read_zone
    from cli.importing.plan import Plan, export_of, format_of, time_of_rows
    from cli.importing.source import Source

    zone = read_zone(time_zone)
    with Source(file) as source:
        dated = time_of_rows(kind, source, _given_time("--at", at, zone), datetime.now(UTC))
    form = format_of(file, form)
    export = export_of(file, kind, form, encoding, named, mapping)
    agreed = _given_time("--consents-at", consents_at, zone)
    return Plan(kind, file, form, encoding, zone, dated, live, export, agreed, withdraw, user_prefix)


def _show(plan: Plan, *, json: bool) -> None:
    from rich.markup import escape

    from cli.importing.dry_run import preview, said
    from cli.importing.source import Source

    with Source(plan.path) as source:
        found = preview(plan, source)
    if json:
        as_json(found)
    else:
        for text in said(found):
            line(escape(text))


def _import(plan: Plan, url: str | None, write_key: str | None, *, restart: bool, wait: bool, json: bool) -> None:
    from cli.importing import endpoint as endpoints
    from cli.importing.bar import Bar
    from cli.importing.delivery import Delivery
    from cli.importing.folding import folded, wait_until_folded
    from cli.importing.moments import written
    from cli.importing.pool import Stop
    from cli.importing.progress_file import Progress, ProgressFile
    from cli.importing.rejected_file import RejectedFile
    from cli.importing.run import Import
    from cli.importing.source import Source

    to = endpoints.endpoint(url, write_key)
    kind, file, dated = plan.kind, plan.path, plan.at
    with Source(file) as source:
        progress = ProgressFile(file, plan.about(source, to.url))
        before = (None if restart else progress.load()) or Progress()
        console = Console(highlight=False, stderr=json, width=None if sys.stdout.isatty() else 160, quiet=_quiet(json))
        if before.rows:
            console.print(f"Going on from line {before.line:,}; {before.rows:,} rows were done before.", soft_wrap=True)
        activity = _local_activity(to.url) if wait else None
        before_folding = folded(activity()) if activity else 0
        began = time.monotonic()
        with Bar(file.name, source.size, before, console) as bar, _stopping(Stop()) as stop:
            rejected = RejectedFile(file)
            delivery = Delivery(to.post, stop)
            done = Import(plan, source, delivery, progress, rejected, stop, before, bar.show).run()
            seconds, rate = time.monotonic() - began, bar.rate
    folding = None
    if activity:
        with contextlib.suppress(KeyboardInterrupt):  # everything is sent: only the waiting ends
            folding = wait_until_folded(activity, delivery.accepted["events"], before_folding, console)
    summary = {
        "kind": kind, "from": plan.export.label if plan.export else "plain", "file": str(file), "endpoint": to.url,
        "rows": done.rows, "accepted": done.accepted,
        "rejected": done.rejected, "rejected_file": str(rejected.path) if done.rejected else None,
        "continued_from_line": before.line if before.rows else None, "rows_without_time_at": dated and written(dated),
        "warnings": [
            {"field": name, "reason": reason, "count": count}
            for (name, reason), count in (plan.warnings + delivery.warnings).most_common()
        ],
        "seconds": round(seconds, 3), "rows_per_second": round(rate, 1),
        "folded_seconds": folding and round(folding, 3),
    }  # fmt: skip
    if json:
        as_json(summary)
    else:
        _say(summary)
    if done.rejected and not done.accepted:
        raise Failure(f"no row of {file} was accepted; the reasons are in {rejected.path}")


def _local_activity(url: str) -> Callable[[], dict[str, Any]] | None:
    """Asks the local stack what it does; None for a deployment in AWS, whose streams nobody can look into from here."""
    from cli import paths
    from cli.local import server
    from cli.local.emulator import ACTIVITY

    base = server.running()
    if base is None or url != paths.read(paths.LOCAL).get("endpoint"):
        return None
    return lambda: dict(server.ask(base, ACTIVITY))


def _say(summary: dict[str, Any]) -> None:
    from rich.markup import escape

    rejected = f", {summary['rejected']:,} rejected: see {summary['rejected_file']}" if summary["rejected"] else ""
    line(
        escape(
            f"{summary['rows']:,} rows of {summary['file']}: {summary['accepted']:,} accepted{rejected}"
            f" ({summary['seconds']:.1f} s, {summary['rows_per_second']:,.0f} rows/s)."
        )
    )
    if summary["folded_seconds"] is not None:
        line(f"Folded into customers {summary['folded_seconds']:,.1f} s after the last was sent.")
    for one in summary["warnings"]:
        line(escape(f"{one['count']:,} not used: {one['field']} {one['reason']}"))
    if summary["rows_without_time_at"]:
        line(f"Rows without a time are dated {summary['rows_without_time_at']}; import them again with the same --at.")


def _given_time(option: str, text: str | None, zone: Any) -> datetime | None:
    from cli.importing.moments import read_moment

    try:
        return None if text is None else datetime.fromisoformat(read_moment(text, zone, option))
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


app.command("pinpoint-journey")(pinpoint_journey)
