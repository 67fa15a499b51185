"""A local stack of a trial's own: free port, own folder, ended at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli import paths, run
from cli.catalog import local_catalog
from cli.deployment.api import AdminApi
from cli.failure import Failure
from cli.local import clock, deploy, server
from cli.local.emulator import ACTIVITY, RETRY
from cli.local.outage import OUTAGE
from cli.local.processes import PROCESSES
from cli.local.running import LocalStack, local_stack
from cli.local.wait_until_idle import settle
from shared.adapters.dynamo import DynamoTable

PATIENCE_SECONDS = 900.0
"""Real time in which a stack must come to rest after a trial."""


@dataclass(frozen=True)
class Process:
    """A process in which a function runs."""

    function: str
    pid: int
    busy: bool


@dataclass(frozen=True)
class Stack:
    """A running stack, and what a trial does to it."""

    local: LocalStack
    api: AdminApi
    endpoint: str
    keys: dict[str, str]

    def table(self, output: str) -> DynamoTable:
        """A table of the stack; outages that are played do not concern it."""
        return DynamoTable(local_catalog(self.local.base).client, deploy.outputs()[output])

    def processes(self) -> list[Process]:
        found = server.ask(self.local.base, PROCESSES, timeout=60.0)["items"]
        return [Process(one["function"].removeprefix(deploy.STACK + "-"), one["pid"], one["busy"]) for one in found]

    def kill(self, process: Process) -> bool:
        """SIGKILL; False if it had ended already."""
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def outage(self, kind: str) -> dict[str, int]:
        """Begins or ends an outage of DynamoDB; how many requests met one so far, by kind."""
        return dict(server.ask(self.local.base, f"{OUTAGE}?kind={kind}", method="POST")["met"])

    def activity(self) -> dict[str, dict[str, int]]:
        return dict(server.ask(self.local.base, ACTIVITY, timeout=60.0))

    def waiting(self) -> int:
        """Stream records that were not read, and messages in queues."""
        now = self.activity()
        return sum(sum(now[kind].values()) for kind in ("unread", "queued"))

    def parked(self) -> dict[str, int]:
        """Dead letters, and positions of a stream that were given up, by queue."""
        found = self.activity()["parked"]
        return {name.removeprefix(deploy.STACK + "-"): count for name, count in found.items()}

    def settle(self) -> None:
        """Returns when nothing is left to do; whoever failed is tried again at once."""
        settle(self.local.base, deadline=PATIENCE_SECONDS)

    def finish(self) -> None:
        """Returns when nothing is left to do and no timer is due."""
        self.settle()
        while self.due():
            self.pass_time(timedelta())
            self.settle()

    def retry(self) -> None:
        """Failed messages of queues are offered again now, in place of after minutes."""
        server.ask(self.local.base, RETRY, method="POST")

    def pass_time(self, span: timedelta, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """The clock jumps, and the functions of every minute work until nothing is due. A function that dies is called
        again, as the next minute does it."""
        clock.move_to(clock.now() + span)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.due() and time.monotonic() < deadline:
            for kind in ("flip", "journey"):
                self.fire(kind)
            meanwhile()
            if self.due():
                time.sleep(0.5)

    def fire(self, kind: str) -> bool:
        """One call of a function of every minute; False if it failed or died."""
        try:
            self.local.fire(kind)
        except Failure:
            return False
        return True

    def due(self) -> bool:
        """Whether a timer is due by the local clock."""
        first = self.local.earliest_timer()
        return first is not None and first.due <= clock.now()

    def now(self) -> datetime:
        return clock.now()


@contextmanager
def running(folder: Path | None = None) -> Iterator[Stack]:
    """A fresh stack, at ten in the morning of the shop's day: nothing waits for the end of a night."""
    with tempfile.TemporaryDirectory(prefix="kervan-faults-") as made:
        os.environ["KERVAN_HOME"] = str(folder or made)
        os.environ["KERVAN_PORT"] = str(_free_port())
        try:
            stack = _brought_up()
            clock.move_to(clock.next_local("10:00", clock.now(), stack.local.time_zone()))
            yield stack
        finally:
            server.stop()


def again(stack: Stack) -> Stack:
    """Ends the stack and starts it again at another port, with what was there before.

    Raises
    ------
    AssertionError
        If it was not running.
    """
    before = stack.local.base
    if not server.stop():
        raise AssertionError("the stack did not run any more")
    while server.address(int(os.environ["KERVAN_PORT"])) == before:
        os.environ["KERVAN_PORT"] = str(_free_port())
    return _brought_up()


def _brought_up() -> Stack:
    run.bring_up()
    local = paths.read(paths.LOCAL)
    return Stack(local_stack(), AdminApi(local["endpoint"], local["admin_key"]), local["endpoint"], local["write_keys"])


def memory_of(pids: list[int]) -> dict[int, int]:
    """Resident memory in KiB, by process."""
    if not pids:
        return {}
    listed = subprocess.run(
        ["ps", "-o", "pid=,rss=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False
    )
    pairs: list[Any] = [line.split() for line in listed.stdout.splitlines()]
    return {int(pid): int(size) for pid, size in pairs}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
