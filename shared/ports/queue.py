"""The port of a queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Queue(Protocol):
    """A queue of JSON texts."""

    def send_many(self, bodies: Iterable[str]) -> None:
        """Durable when it returns; at most 10 per request."""
