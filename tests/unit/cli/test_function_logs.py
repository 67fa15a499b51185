"""What a function logs is whole when its call returns, and a call that logs nothing is not held up."""

from __future__ import annotations

import inspect
import os
import queue
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.local import function_logs
from cli.local.function_logs import MOST_SECONDS, logged

pytestmark = pytest.mark.unit


class Process:
    """A pipe that is read line by line by a thread of its own, as the emulator reads a function's."""

    def __init__(self, slow: float = 0) -> None:
        reading, self.writing = os.pipe()
        self.pipe = os.fdopen(reading, encoding="utf-8")
        self._proc: Any = SimpleNamespace(stderr=self.pipe)
        self._stderr_queue: queue.Queue[str] = queue.Queue()
        self.slow = slow
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        for line in self.pipe:
            time.sleep(self.slow)
            self._stderr_queue.put(line.rstrip("\n"))

    def write(self, *lines: str) -> None:
        os.write(self.writing, "".join(f"{line}\n" for line in lines).encode())

    def end(self) -> None:
        os.close(self.writing)
        self.thread.join()
        self.pipe.close()


@pytest.fixture
def process() -> Iterator[Process]:
    made = Process()
    yield made
    made.end()


def test_silence_is_told_by_two_looks(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a wait of 50 ms: the thread sleeps once between them."""
    slept: list[float] = []
    monkeypatch.setattr(function_logs, "time", SimpleNamespace(monotonic=time.monotonic, sleep=slept.append))
    assert logged(process) == ""
    assert slept == [function_logs.LOOK_SECONDS]


@given(lines=st.lists(st.text("aşı0 ", min_size=1, max_size=300), max_size=40))
def test_every_line_comes_with_its_call_or_the_next(lines: list[str]) -> None:
    """None is lost, none is told twice, and they stay in order."""
    process = Process()
    try:
        process.write(*lines)
        first = logged(process)
    finally:
        process.end()
    rest = logged(process)
    assert "\n".join(part for part in (first, rest) if part) == "\n".join(lines)


def test_what_stands_in_the_pipe_is_waited_for(process: Process) -> None:
    """The thread that reads may come late: a line that was written before the answer belongs to this call."""
    process.slow = 0.0002
    process.write("one", "two", "three")
    assert logged(process).startswith("one\ntwo")


def test_a_pipe_that_never_runs_dry_holds_nobody_up(process: Process) -> None:
    """A thread that a function left behind may write for ever."""
    going = threading.Event()

    def write() -> None:
        while not going.is_set():
            process.write("more" * 50)

    writer = threading.Thread(target=write)
    writer.start()
    began = time.monotonic()
    try:
        assert "more" in logged(process)
        assert time.monotonic() - began < MOST_SECONDS * 8
    finally:
        going.set()
        writer.join()


def test_a_process_that_was_ended_has_said_what_it_said(process: Process) -> None:
    """After a timeout the emulator forgets the process, and asks what it logged."""
    process.write("last words")
    while process._stderr_queue.empty():
        time.sleep(0.001)
    process._proc = None
    assert logged(process) == "last words"


def test_the_emulator_asks_us() -> None:
    """The name that is replaced is the one that its calls use, and what we read of a worker is there."""
    from ministack.core.lambda_runtime import Worker

    assert "self._drain_stderr_bounded()" in inspect.getsource(Worker.invoke)
    made = Worker("one", {}, b"")
    assert logged(cast("function_logs.Worker", made)) == ""
