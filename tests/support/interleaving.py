"""Two consumers on one table, their calls interleaved and crashed as a test decides: no luck, no sleeping."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.adapters.memory import MemoryTable
from shared.ports import Item, Page, Write


class Crash(BaseException):
    """The environment dies here: nothing after this call happens."""


class Turns:
    """Lets one worker make one call at a time, in the order that ``rng`` says."""

    def __init__(self, rng: random.Random, crash_rate: float) -> None:
        self._rng = rng
        self._crash_rate = crash_rate
        self._waiting: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        self._running = 0

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Runs the jobs side by side; a crashed job starts anew. Raises what a job raised otherwise."""
        failures: list[BaseException] = []
        self._running = len(jobs)

        def worker(place: int, job: Callable[[], None]) -> None:
            _WORKER.place, _WORKER.turns = place, self
            try:
                while True:
                    try:
                        job()
                        break
                    except Crash:
                        continue
            except BaseException as failure:  # noqa: BLE001 - handed to the test
                failures.append(failure)
            finally:
                with self._lock:
                    self._running -= 1
                    self._next()

        threads = [threading.Thread(target=worker, args=(place, job)) for place, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        if failures:
            raise failures[0]
        assert not any(thread.is_alive() for thread in threads)

    def wait(self, place: int) -> bool:
        """Waits for this worker's turn; True if it must crash after the call, False if not."""
        mine = threading.Event()
        with self._lock:
            self._waiting[place] = mine
            self._next()
        assert mine.wait(60)
        return self._rng.random() < self._crash_rate

    def _next(self) -> None:
        """When every running worker waits, one goes on."""
        if self._waiting and len(self._waiting) == self._running:
            place = self._rng.choice(sorted(self._waiting))
            self._waiting.pop(place).set()


class _Worker(threading.local):
    place: int = -1
    turns: Turns | None = None


_WORKER = _Worker()


class TurnTable:
    """A memory table whose every call is one turn, and may be the last before a crash."""

    def __init__(self, memory: MemoryTable) -> None:
        self._memory = memory

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        with _Turn():
            return self._memory.get(pk, sk)

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        with _Turn():
            return self._memory.get_many(keys)

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        with _Turn():
            self._memory.put(item, expect=expect)

    def put_many(self, items: Sequence[Item]) -> None:
        with _Turn():
            self._memory.put_many(items)

    def transact(self, writes: Sequence[Write]) -> None:
        with _Turn():
            self._memory.transact(writes)

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        with _Turn():
            self._memory.delete(pk, sk, expect=expect)

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        with _Turn():
            self._memory.delete_many(keys)

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        with _Turn():
            return self._memory.add(pk, sk, amounts, set_to=set_to)

    def query(self, pk: str, **how: Any) -> Page:
        with _Turn():
            return self._memory.query(pk, **how)


class _Turn:
    """Around one call: wait for the turn before it, crash after it if so decided."""

    def __enter__(self) -> None:
        turns = _WORKER.turns
        self._crash = turns is not None and turns.wait(_WORKER.place)

    def __exit__(self, *raised: object) -> None:
        if self._crash and raised[0] is None:
            raise Crash
