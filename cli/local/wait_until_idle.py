"""Waits until the local stack has nothing left to do."""

from __future__ import annotations

import time
from collections.abc import Callable

from cli.failure import Failure
from cli.local.activity_messages import PROGRESS, WORK, said
from cli.local.emulator import ACTIVITY, RETRY
from cli.local.server import ask

QUIET_READINGS = 2
"""In a row. One could fall between an event bus taking an event and its function's call being counted."""
PAUSE_SECONDS = 0.03
STUCK_SECONDS = 1.0
"""With only messages left that failed before: they are tried again at once instead of after their timeout."""
DEADLINE_SECONDS = 120.0


def settle(
    base: str,
    *,
    deadline: float = DEADLINE_SECONDS,
    asking: Callable[..., dict[str, dict[str, int]]] = ask,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Returns when no function runs, no stream record is unread and no queue that a function reads holds a message.

    Raises
    ------
    Failure
        If the stack is busy and has neither taken a record nor less to do for ``deadline`` seconds; it names what is
        busy. What is unread is no measure of that alone: it grows while a large import comes in.
    """
    moved, least, reached = clock(), None, None
    quiet, waiting_since = 0, None
    while quiet < QUIET_READINGS:
        now = asking(base, ACTIVITY)
        busy = {kind: now[kind] for kind in WORK if now.get(kind)}
        quiet = 0 if busy else quiet + 1
        left = sum(sum(what.values()) for what in busy.values())
        if least is None or left < least or now.get(PROGRESS) != reached:
            moved, reached = clock(), now.get(PROGRESS)
            least = left if least is None else min(least, left)
        if set(busy) == {"queued"}:
            waiting_since = waiting_since if waiting_since is not None else clock()
            if clock() - waiting_since > STUCK_SECONDS:
                asking(base, RETRY, method="POST")
                waiting_since = None
        else:
            waiting_since = None
        if busy and clock() - moved > deadline:
            raise Failure(
                f"the local stack makes no progress for {deadline:.0f} s ({said(busy)}): see .kervan/emulator.log"
            )
        if quiet < QUIET_READINGS:
            sleep(PAUSE_SECONDS)
