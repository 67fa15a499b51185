"""A few batches on their way at once, answered for in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Stop:
    """Says to everybody that the import is being stopped; pauses end early then."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> bool:
        return self._asked.wait(seconds)


class Pool(Generic[Task, Result]):
    """Threads that work on tasks. They end with the process: nothing that hangs keeps it alive."""

    def __init__(self, work: Callable[[Task], Result], threads: int) -> None:
        self._work = work
        self._waiting: SimpleQueue[tuple[Task, Future[Result]] | None] = SimpleQueue()
        self._threads = threads
        for _ in range(threads):
            threading.Thread(target=self._run, daemon=True).start()

    def submit(self, task: Task) -> Future[Result]:
        future: Future[Result] = Future()
        self._waiting.put((task, future))
        return future

    def close(self) -> None:
        """The threads end when they have done what was submitted."""
        for _ in range(self._threads):
            self._waiting.put(None)

    def _run(self) -> None:
        while (given := self._waiting.get()) is not None:
            task, future = given
            try:
                future.set_result(self._work(task))
            except BaseException as problem:  # noqa: BLE001 - handed to who waits
                future.set_exception(problem)
