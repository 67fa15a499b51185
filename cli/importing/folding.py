"""The second bar of an import to the local stack: how many of its events are folded into customers."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.local.activity_messages import PROGRESS

FUNCTION = "kervan-local-segment-on-events"
LOOK_SECONDS = 0.3
SPEAK_SECONDS = 5.0
QUIET_LOOKS = 2
"""In a row; one may fall between two batches."""
Activity = Callable[[], dict[str, Any]]


def folded(activity: dict[str, Any]) -> int:
    """How many events the stack has folded since it was started."""
    return int(activity[PROGRESS].get(FUNCTION, 0))


def wait_until_folded(
    activity: Activity,
    sent: int,
    before: int,
    console: Console,
    *,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> float | None:
    """Show the folding until every event is folded, or nothing is left to fold; the seconds that it took.

    None if the stack is stopped meanwhile: everything is sent, and it goes on when it is started again.

    Parameters
    ----------
    activity
        Asks the local stack what it is doing.
    sent
        Events that the API accepted. Events that were there before are not folded again.
    before
        What ``folded`` said before the first was sent.
    """
    began = spoke = now()
    bars = Progress(TextColumn("folding"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    task = bars.add_task("folding", total=max(sent, 1))
    quiet = 0
    with bars if console.is_terminal else contextlib.nullcontext():
        while quiet < QUIET_LOOKS:
            try:
                found = activity()
            except (OSError, http.client.HTTPException):
                console.print("The local stack has ended; it folds the rest when it is started.", soft_wrap=True)
                return None
            done = min(folded(found) - before, sent)
            busy = found["running"].get(FUNCTION) or found["unread"].get(FUNCTION)
            quiet = QUIET_LOOKS if done >= sent else 0 if busy else quiet + 1
            bars.update(task, completed=done)
            if not console.is_terminal and now() - spoke >= SPEAK_SECONDS:
                spoke = now()
                console.print(f"     {done:,} of {sent:,} events folded", soft_wrap=True)
            if quiet < QUIET_LOOKS:
                sleep(LOOK_SECONDS)
    return now() - began
