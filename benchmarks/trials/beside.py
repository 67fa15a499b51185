"""Something that is done again and again beside what a trial does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(work: Callable[[], object], pause: Callable[[], float]) -> Iterator[None]:
    """Does ``work`` after each ``pause`` (seconds), in a thread of its own, until the block ends.

    Raises
    ------
    Exception
        What ``work`` raised, when the block ends: a trial whose fault or reading stopped halfway tells nothing.
    """
    over = threading.Event()
    raised: list[Exception] = []

    def repeat() -> None:
        try:
            while not over.wait(pause()):
                work()
        except Exception as problem:  # noqa: BLE001 - raised again below
            raised.append(problem)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if raised:
        raise raised[0]
