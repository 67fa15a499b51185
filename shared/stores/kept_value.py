"""A value that an environment reads once and believes for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeptValue(Generic[T]):
    """``read`` is called at most once in so many ``seconds``; ``elapsed`` gives seconds that never go back."""

    def __init__(self, read: Callable[[], T], elapsed: Callable[[], float], seconds: float) -> None:
        self._read = read
        self._elapsed = elapsed
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The value. Raises what ``read`` raises; then the next call reads again."""
        now = self._elapsed()
        if self._kept is None or now >= self._kept[0]:
            self._kept = now + self._seconds, self._read()
        return self._kept[1]

    def forget(self) -> None:
        """Let the next call read anew."""
        self._kept = None
