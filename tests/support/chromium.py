"""A headless Chromium, spoken to by pipes in its DevTools protocol: no port, no driver."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The browser of this machine, if it has one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """``call`` sends a command and waits for its answer; ``event`` waits for what the browser tells."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self._buffer = b""
        self._number = 0
        self._events: deque[dict[str, Any]] = deque()

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {
            "id": self._number,
            "method": method,
            "params": params,
            **({"sessionId": session} if session else {}),
        }
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next(20)
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                result: dict[str, Any] = said["result"]
                return result
            self._events.append(said)

    def event(self, method: str, seconds: float = 20) -> dict[str, Any]:
        """The next event of this kind that was not asked for yet."""
        until = time.monotonic() + seconds
        while True:
            for place, said in enumerate(self._events):
                if said.get("method") == method:
                    del self._events[place]
                    params: dict[str, Any] = said["params"]
                    return params
            self._events.append(self._next(until - time.monotonic()))

    def evaluate(self, session: str, expression: str) -> Any:
        """The value of an expression in a page; promises are waited for."""
        said = self.call(
            "Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in said:
            raise RuntimeError(json.dumps(said["exceptionDetails"])[:500])
        return said["result"].get("value")

    def _next(self, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reader], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self._reader, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("the browser says nothing")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def chromium(path: str) -> Iterator[Chromium]:
    """A browser with a profile of its own, ended with the block."""
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    os.set_inheritable(to_browser, True)
    os.set_inheritable(to_us, True)

    def pipes() -> None:
        os.dup2(to_browser, 3)
        os.dup2(to_us, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
                *("--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=pipes,  # the browser wants these two numbers
            pass_fds=(3, 4),
        )
        os.close(to_browser)
        os.close(to_us)
        try:
            yield Chromium(from_browser, from_us)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(from_us)
            os.close(from_browser)
