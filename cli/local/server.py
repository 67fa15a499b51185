"""Starts, finds and ends the server of the local stack."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from cli import paths
from cli.failure import Failure, of_disk

FAVOURITE_PORT = 4566
FAVOURITE_API_PORT = 4580
"""Where the HTTP API answers as it does in AWS: at the root of its own address."""
START_SECONDS = 40.0
STOP_SECONDS = 60.0
"""It writes its state before it ends; a large one takes a while."""
LOG = "emulator.log"
STATE_FOLDER = "state"


def address(port: int) -> str:
    """An IP address rather than a name, so that S3 is addressed by path."""
    return f"http://127.0.0.1:{port}"


def running() -> str | None:
    """The address of this folder's server if it answers, else None."""
    port = paths.read(paths.STATE).get("port")
    return address(port) if port and _is_ours(port) else None


def ensure_running() -> tuple[str, bool]:
    """The server's address, and whether it had to be started.

    Raises
    ------
    Failure
        If the port of KERVAN_PORT is taken, the server does not come up, or the disk is full.
    """
    found = running()
    return (found, False) if found else (_start(_free_port()), True)


def stop() -> bool:
    """Ends this folder's server; False if none was running. Its state is on the disk: the next start brings it back."""
    state = paths.read(paths.STATE)
    pid, port = state.get("pid"), state.get("port")
    ended = False
    if pid and port and (_is_ours(port) or _looks_like_ours(pid)):
        ended = _end(pid)
    shutil.rmtree(paths.path("tmp"), ignore_errors=True)
    if state:
        with contextlib.suppress(Failure):  # a full disk must not keep it running; a stale number is recognised
            paths.remember(pid=None)
    return ended


def forget() -> None:
    """Removes everything of a server that has ended: customers, messages, the clock, what was deployed. Keys stay."""
    shutil.rmtree(paths.path(STATE_FOLDER), ignore_errors=True)
    for name in ("push.ndjson", "iys.json", "ads.json", paths.CLOCK, paths.LOCAL):
        paths.path(name).unlink(missing_ok=True)
    if paths.read(paths.STATE):
        paths.remember(deployed=None, played=None, demo_user=None)


def has_state() -> bool:
    """Whether an earlier server of this folder left a state behind."""
    return (paths.path(STATE_FOLDER) / "dynamodb.json").exists()


def ask(base: str, path: str, *, method: str = "GET", timeout: float = 10.0) -> Any:
    """A JSON answer of the server's own routes."""
    request = urllib.request.Request(base + path, method=method)  # noqa: S310 - our own loopback address
    with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
        return json.load(answer)


def _start(port: int) -> str:
    base = address(port)
    favourites = () if os.environ.get("KERVAN_PORT") else (FAVOURITE_API_PORT,)  # two such stacks may start at once
    api_port = _first_free(paths.read(paths.STATE).get("api_port"), *favourites, besides=port)
    home = paths.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not has_state():
            forget()
        with paths.path(LOG).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.local.emulator", str(home), str(port), str(api_port)],
                cwd=paths.project(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
            )
    except OSError as problem:
        raise of_disk(problem, "starting the local stack") from problem
    paths.remember(port=port, api_port=api_port, pid=process.pid)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failure(
                f"the local stack ended while starting: {_last_line(paths.path(LOG))} (see {paths.path(LOG)})"
            )
        if _is_ours(port):
            return base
        time.sleep(0.1)
    _end(process.pid)
    raise Failure(f"the local stack did not answer within {START_SECONDS:.0f} s: see {paths.path(LOG)}")


def _environment() -> dict[str, str]:
    """Ours without the caller's AWS settings: nothing local may ever reach a real account."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}


def _free_port() -> int:
    wanted = os.environ.get("KERVAN_PORT")
    if wanted:
        if not wanted.isdigit() or not _is_free(int(wanted)):
            raise Failure(f"port {wanted} of KERVAN_PORT is taken or no port: name a free one, or unset KERVAN_PORT")
        return int(wanted)
    return _first_free(paths.read(paths.STATE).get("port"), FAVOURITE_PORT)


def _first_free(*wanted: int | None, besides: int | None = None) -> int:
    """The first of these ports that is free, else any free one; never ``besides``."""
    for port in wanted:
        if port and port != besides and _is_free(port):
            return int(port)
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            found = int(probe.getsockname()[1])
        if found != besides:
            return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _is_ours(port: int) -> bool:
    with contextlib.suppress(OSError, ValueError):
        about = ask(address(port), "/_kervan/about", timeout=2.0)
        return isinstance(about, dict) and about.get("home") == str(paths.home())
    return False


def _looks_like_ours(pid: int) -> bool:
    """True if the process still runs and is our server: a number may have been given to another process since."""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "cli.local.emulator" in listed.stdout and str(paths.home()) in listed.stdout


def _end(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    return True


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "without a word"
