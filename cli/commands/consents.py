"""`kervan consents`: taking forged withdrawals of a public source back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event, Lock
from typing import Annotated, Any

import typer

from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line
from shared.stores.withdrawal_pointers import SHARDS

REASONS = {
    "erased": "the customer was erased",
    "restricted": "the customer's data are restricted",
    "folded": "folded with others that are no part of it",
    "no_event": "its event is not in the log",
    "himself": "made in a browser that was the customer's before",
    "confirmed": "said again since, in a way that proves who said it",
    "at_register": "the register of consent was told of it; the person must agree anew",
}
"""Why withdrawals stay."""
app = typer.Typer(help="Consents of many customers.", no_args_is_help=True)


@app.callback()
def consents() -> None:
    """Consents of many customers."""


@app.command("take-back")
def take_back(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="The public source, as `kervan sources` names it.")],
    begin: Annotated[str, typer.Option("--from", help="When the attack began, such as 2026-11-30T08:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="When it ended: a minute ago at the latest.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with each consent, with who did it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    operation: Annotated[str | None, typer.Option(help="Go on with one that was interrupted.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Let forged withdrawals of a public source and time count no more. It counts first, and asks.

    What held before holds again. An interrupted one may be begun anew: what is done stays done, and what it left half
    done is completed without a question.
    """
    if json and not (yes or dry_run):
        raise WrongUse("--json asks nothing: give --yes or --dry-run beside it")
    api, path = admin_api(*context.obj), f"/v1/sources/{quoted(source)}/take-back"
    asked = {"from": begin, "to": end, "because": reason}
    if operation is None:
        operation = _counted_and_begun(api, path, asked, only_counted=dry_run, ask=not yes, json=json)
        if operation is None:
            return
    done = _take_back(api, path, {**asked, "operation": operation}, None if json else _Progress())
    if json:
        as_json(done)
    else:
        _tell(done, "was taken back", "were taken back")


def _counted_and_begun(
    api: AdminApi, path: str, asked: dict[str, Any], *, only_counted: bool, ask: bool, json: bool
) -> str | None:
    """The operation that was begun; None if there is nothing to do.

    What was taken back before is gone through once more without a question: it may lack its event.
    """
    found = _dry_run(api, path, asked)
    new, already = found["counts"]["taken_back"], found["counts"]["already"]
    if json and (only_counted or not (new or already)):
        as_json(found)
        return None
    if not json:
        _tell(found, "would be taken back", "would be taken back")
    if only_counted:
        return None
    if not new and not json:
        line("Nothing to take back.")
    if not (new or already):
        return None
    if new and ask:
        typer.confirm(f"Take {counted(new, 'withdrawal')} back?", abort=True)
    operation = str(api.post(path, asked)["operation"])
    if not json:
        line(f"...  operation {operation}; if it is interrupted, add --operation {operation}")
    return operation


class _Progress:
    """Tells how many were taken back, whichever of the parts hears it first."""

    def __init__(self) -> None:
        self._told = 0
        self._lock = Lock()

    def tell(self, number: int) -> None:
        with self._lock:
            if number > self._told:
                self._told = number
                line(f"...  {number:,} taken back")


def _take_back(api: AdminApi, path: str, asked: dict[str, Any], progress: _Progress | None) -> dict[str, Any]:
    """All parts of an operation, side by side; the answer of the last one."""

    def walk(part: int, stopped: Event) -> None:
        left = True
        while left and not stopped.is_set():
            answer = api.post(path, {**asked, "part": part})
            left = part in answer["parts_left"]
            if progress is not None:
                progress.tell(answer["counts"]["taken_back"])

    _side_by_side(walk)
    found: dict[str, Any] = api.post(path, asked)
    return found


def _dry_run(api: AdminApi, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """All pages of a dry run as one answer."""
    pages: list[dict[str, Any]] = []

    def walk(part: int, stopped: Event) -> None:
        cursor: str | None = None
        while not stopped.is_set():
            page = api.post(path, {**asked, "dry_run": True, "part": part, **({"cursor": cursor} if cursor else {})})
            pages.append(page)
            cursor = page["cursor"]
            if cursor is None:
                return

    _side_by_side(walk)
    total: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for page in pages:
        left_out.update(page["counts"].pop("left_out"))
        total.update(page["counts"])
    return {**pages[0], "done": True, "cursor": None, "counts": {**total, "left_out": dict(sorted(left_out.items()))}}


def _side_by_side(walk: Callable[[int, Event], None]) -> None:
    """Walks all parts. If one fails, the others end with their next request."""
    stopped = Event()
    with ThreadPoolExecutor(SHARDS) as pool:
        parts = [pool.submit(walk, part, stopped) for part in range(SHARDS)]
        try:
            for part in as_completed(parts):
                part.result()
        finally:
            stopped.set()


def _tell(found: dict[str, Any], one: str, many: str) -> None:
    """What became of them; ``one`` and ``many`` follow the number of those that count no more."""
    counts = found["counts"]
    line(f"{counted(counts['withdrawals'], 'withdrawal')} of {found['source']} in this time.")
    again = f"; by {counts['granted_again']:,} of them messages may go out again" if counts["taken_back"] else ""
    line(f"    {counted(counts['taken_back'], one, many)}{again}")
    if counts["already"]:
        line(f"    {counted(counts['already'], 'was taken back before', 'were taken back before')}")
    for name, number in counts["left_out"].items():
        line(f"    {counted(number, 'stays', 'stay')}: {REASONS[name]}")
