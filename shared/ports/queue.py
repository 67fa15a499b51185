"""The port of a queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol


class Queue(Protocol):
    """A queue of JSON texts."""

    def send_many(self, bodies: Iterable[str]) -> None:
        """Durable when it returns; at most 10 per request."""


class PacedQueue(Queue, Protocol):
    """A queue that can let its reader see texts one after the other."""

    def send_paced(self, bodies: Sequence[str], first: timedelta, every: timedelta) -> None:
        """Durable when it returns. The first text is read after ``first`` at the earliest, each further one ``every``
        later, in whole seconds; what would be later than 15 minutes is read then."""


class DelayingQueue(Queue, Protocol):
    """A queue that can also hold a text back."""

    def send_later(self, body: str, delay: timedelta) -> None:
        """Durable when it returns; read after ``delay`` (at most 15 minutes) at the earliest."""
