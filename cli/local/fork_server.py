"""Forks processes of functions from one that has imported already what all functions share.

Run as ``python -P fork_server.py FOLDER DESCRIPTOR`` by ``function_processes``, once for the code in FOLDER; it imports
nothing of ``cli``. Each message at the socket DESCRIPTOR asks for a process: its script, folder and environment, with
the three descriptors that become its standard streams. The answer holds its number and a descriptor of the process.
The server ends when the other side closes the socket; processes that it forked live on.

A process differs from one that was started anew in nothing that a function can rely on: it has its own memory,
environment, folder and streams, and imports its handler itself. Only modules below ``shared`` are there
already, and what those import: they read no environment while they are imported (held by a test).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any

SHARED = "shared"
BESIDE = ("botocore.handlers",)
"""What the emulator's own script imports in each process before the function."""
MOST_BYTES = 150_000
"""Of a message; the kernel's bound for one is a little more."""
STREAMS = 3


def preload(folder: str) -> None:
    """Imports all modules of ``shared`` in the folder. What cannot be imported is left to the function that needs it,
    which fails as it does in AWS."""
    for name in BESIDE:
        _import(name)
    sys.path.insert(0, folder)
    try:
        _import(SHARED)
        package = sys.modules.get(SHARED)
        if package is not None:
            for found in pkgutil.walk_packages(package.__path__, f"{SHARED}.", onerror=lambda _name: None):
                _import(found.name)
    finally:
        sys.path.remove(folder)


def serve(control: socket.socket) -> str | None:
    """Forks as it is asked; the path of its script in a process that was forked, None in the server at its end."""
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, MOST_BYTES, STREAMS)
        if not message:
            return None
        asked = json.loads(message)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # its number must be its own until it is described
        child = os.fork()
        if child == 0:
            control.close()
            become(asked, descriptors)
            return str(asked["script"])
        process = os.pidfd_open(child)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # told by the end of the socket
            socket.send_fds(control, [str(child).encode()], [process])
        for descriptor in (process, *descriptors):
            os.close(descriptor)


def become(asked: Mapping[str, Any], descriptors: list[int]) -> None:
    """Makes the environment, folder, streams and signals of this process those that were asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv[:] = [asked["script"]]
    sys.path.insert(0, os.path.dirname(asked["script"]))  # noqa: PTH120 - as Python does it for a script


def _import(name: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _reap(*_signal: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    folder, descriptor = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    preload(folder)
    gc.collect()
    gc.freeze()  # collections of the processes leave these pages shared
    script = serve(control)
    if script is not None:
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
