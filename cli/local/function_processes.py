"""Starts the processes of functions, as the emulator would with ``subprocess``, but forked.

A new process of Python imported for a second what all functions share. A server per code (``fork_server``) imports it
once and forks; where that is not possible (other systems than Linux, layers, a server that fails) the process is
started anew, as ever.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from cli.local.fork_server import MOST_BYTES, STREAMS

log = logging.getLogger("kervan.local")

SCRIPT = "_worker.py"
"""The name of the emulator's script that runs a function in Python."""
ANSWER_SECONDS = 60.0
"""For the first answer of a server, which imports before it; a busy machine takes its time."""
END_SECONDS = 2.0
POSSIBLE = sys.platform == "linux" and hasattr(os, "pidfd_open")


class ForkedProcess:
    """What the emulator uses of ``subprocess.Popen``. Its parent is the server, which also collects it: how it ended
    is not known here, only that it did."""

    def __init__(self, pid: int, descriptor: int, streams: tuple[IO[str], IO[str], IO[str]]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = streams
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)

    def poll(self) -> int | None:
        """0 when it has ended, None before."""
        return 0 if self._ends_within(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Raises ``subprocess.TimeoutExpired`` if it goes on for longer than that."""
        if not self._ends_within(timeout):
            raise subprocess.TimeoutExpired(SCRIPT, timeout or 0)
        return 0

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def _ends_within(self, seconds: float | None) -> bool:
        asked = select.poll()
        asked.register(self._descriptor, select.POLLIN)
        return bool(asked.poll(None if seconds is None else seconds * 1000))


class ForkServer:
    """A server of one code, started with the first process that is asked for.

    Raises
    ------
    OSError
        From ``fork`` if the server does not answer or the message is too long.
    """

    def __init__(self, folder: Path) -> None:
        self._asking = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(ANSWER_SECONDS)
        program = Path(__file__).with_name("fork_server.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(program), str(folder), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def fork(self, script: str, folder: str, environment: Mapping[str, str]) -> ForkedProcess:
        message = json.dumps({"script": script, "folder": folder, "environment": dict(environment)}).encode()
        if len(message) > MOST_BYTES:
            raise OSError("the environment of the function is too large")
        with _pipes() as (ours, theirs), self._asking:
            socket.send_fds(self._control, [message], theirs)
            answer, descriptors, _flags, _address = socket.recv_fds(self._control, MOST_BYTES, 1)
            if not answer:
                raise ConnectionResetError("the server of function processes has ended")
            streams = (open(ours[0], "w", buffering=1), open(ours[1]), open(ours[2]))  # noqa: PTH123, SIM115
            ours.clear()
            return ForkedProcess(int(answer), descriptors[0], streams)

    def close(self) -> None:
        """Ends the server, not the processes that it forked."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # who waits for an answer gets none
        with self._asking:
            self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def _pipes() -> Iterator[tuple[list[int], list[int]]]:
    """Three pipes: our ends and theirs, of standard input, output and errors. What is left in a list is closed."""
    ours: list[int] = []
    theirs: list[int] = []
    try:
        for place in range(STREAMS):
            read, write = os.pipe()
            ours.append(read if place else write)
            theirs.append(write if place else read)
        yield ours, theirs
    finally:
        for descriptor in (*ours, *theirs):
            os.close(descriptor)


class FunctionProcesses:
    """Processes of functions, forked where that is possible. The server of the code that came last lives: a code that
    was deployed over is not asked for again."""

    def __init__(self) -> None:
        self._choosing = threading.Lock()
        self._folder: Path | None = None
        self._server: ForkServer | None = None

    def popen(self, arguments: Any, **options: Any) -> Any:
        """As ``subprocess.Popen``."""
        if POSSIBLE and _runs_function(arguments, options.get("env")):
            try:
                server = self._server_of(Path(options["cwd"]).resolve())
                return server.fork(arguments[1], options["cwd"], options["env"])
            except OSError as problem:
                log.warning("a function's process is started anew: %s", problem)
                self.close()
        return subprocess.Popen(arguments, **options)

    def _server_of(self, folder: Path) -> ForkServer:
        with self._choosing:
            if self._server is None or self._folder != folder:
                self._close()
                self._folder, self._server = folder, ForkServer(folder)
            return self._server

    def close(self) -> None:
        """Ends the server; the next process starts another."""
        with self._choosing:
            self._close()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._folder = self._server = None


def _runs_function(arguments: Any, environment: Any) -> bool:
    """In Python, without layers: these come before our code in the path, so they are not shared."""
    return (
        len(arguments) == 2
        and arguments[0] == sys.executable
        and Path(arguments[1]).name == SCRIPT
        and environment is not None
        and "_LAMBDA_LAYERS_DIRS" not in environment
    )


def forking(processes: FunctionProcesses) -> Any:
    """Stands in for the module ``subprocess`` where the emulator starts functions."""
    named = {name: getattr(subprocess, name) for name in subprocess.__all__}
    return SimpleNamespace(**{**named, "Popen": processes.popen})
