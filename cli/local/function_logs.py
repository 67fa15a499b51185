"""What a function wrote to its log, taken without a pause.

The emulator waits 50 ms after each call for a first line, and ours write none: that was a third of a page's time. A
function writes its log before its answer, so once the answer is there, nothing more of it comes: what counts is only
whether somebody still has to read it.
"""

from __future__ import annotations

import queue
import select
import time
from typing import Any, Protocol

MOST_SECONDS = 0.25
"""For a pipe that never runs dry: a thread that a function left behind may write on."""
LOOK_SECONDS = 0.0005
"""Between the pipe and the queue a line is in the hands of the thread that reads: so long it may take."""


class Worker(Protocol):
    """A process of the emulator. A thread of its own reads the pipe, line by line, into the queue."""

    _proc: Any
    _stderr_queue: queue.Queue[str]


def logged(worker: Worker, **_waits: float) -> str:
    """The lines that were written until the answer; a late one comes with the next call, none is lost. Stands in for
    the emulator's ``Worker._drain_stderr_bounded``."""
    lines: list[str] = []
    until = time.monotonic() + MOST_SECONDS
    dry = False
    while time.monotonic() < until:
        was_dry, dry = dry, _dry(worker)
        try:
            while True:
                lines.append(worker._stderr_queue.get_nowait())
                dry = False
        except queue.Empty:
            pass
        if dry and was_dry:
            break
        time.sleep(LOOK_SECONDS)
    return "\n".join(lines)


def _dry(worker: Worker) -> bool:
    """Whether nothing stands in the pipe; the pipe of a process that was ended is dry."""
    pipe = getattr(worker._proc, "stderr", None)
    if pipe is None or pipe.closed:
        return True
    look = select.poll()
    look.register(pipe, select.POLLIN)
    return not any(what & select.POLLIN for _, what in look.poll(0))
