"""The port of a queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol


class Queue(Protocol):
    """A queue of JSON texts."""

    def send_many(self, bodies: Iterable[str]) -> None:
        """Durable when it returns; at most 10 per request."""


class DelayingQueue(Queue, Protocol):
    """A queue that can also hold a text back."""

    def send_later(self, body: str, delay: timedelta) -> None:
        """Durable when it returns; read after ``delay`` (at most 15 minutes) at the earliest."""
