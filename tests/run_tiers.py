"""What ``make test`` runs: linters and every tier, those that wait beside those that compute.

A test of the whole stack waits for functions, one in Chromium for pages: alone, they leave half of two processors idle.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

Command = Sequence[str]
PYTEST = (sys.executable, "-m", "pytest", "-q", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not long")
WAITING = ("tests/browser", "tests/e2e")
WORKERS = str(max(2, (os.cpu_count() or 2) // 2))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run, and when."""

    first: Sequence[Command] = (("ruff", "check", "."), ("ruff", "format", "--check", "."))
    """Alone, because they take seconds; nothing else begins if one fails."""
    lint: Sequence[Command] = (("lint-imports", "--no-logo"), ("mypy",))
    """Beside the tests, which end if one fails."""
    waiting: Command = (*PYTEST, "-n", "2", *WAITING)
    """After the linters, beside the other tests."""
    rest: Command = ("nice", *PYTEST, "-n", WORKERS, "tests", *(f"--ignore={folder}" for folder in WAITING))
    """What is shown while it runs. It computes whenever the others wait, and never keeps them waiting."""


def run(plan: Plan) -> int:
    """0 if everything passed, else 1. What the linters and the waiting tests say follows when the rest has ended."""
    if any(subprocess.call(command) for command in plan.first):
        return 1
    _say("units, adapters against AWS's fakes, flows of several functions, the infrastructure's template")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:
        said = Path(folder) / "said"
        said.touch()
        rest = subprocess.Popen(plan.rest, preexec_fn=_listen)  # no thread runs yet
        lane = beside.submit(_lint_and_wait, plan, said, rest)
        failed = rest.wait()
        _say("beside it: linters, pages and messages in Chromium, the whole stack through HTTP")
        failed_beside = _shown(said, lane)
    return 1 if failed or failed_beside else 0


def _listen() -> None:
    """A shell lets what it starts in the background ignore SIGINT, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _lint_and_wait(plan: Plan, said: Path, rest: subprocess.Popen[bytes]) -> int:
    """The first exit status that is not 0. What a linter finds ends the rest: nobody waits to read it."""
    with said.open("ab") as log:
        for command in plan.lint:
            if failed := subprocess.call(command, stdout=log, stderr=subprocess.STDOUT):
                rest.send_signal(signal.SIGINT)
                return failed
        return subprocess.call(plan.waiting, stdout=log, stderr=subprocess.STDOUT)


def _shown(said: Path, lane: Future[int]) -> int:
    """The lane's exit status, when all that it says has been shown."""
    with said.open(errors="replace") as text:
        while True:
            ended = lane.done()
            sys.stdout.write(text.read())
            sys.stdout.flush()
            if ended:
                return lane.result()
            time.sleep(0.1)


def _say(line: str) -> None:
    print(f"kervan: {line}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(run(Plan()))
    except KeyboardInterrupt:  # whoever pressed it has stopped the linters and the tests too
        sys.exit(130)
