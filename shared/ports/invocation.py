"""The port of an invocation: what Lambda tells a handler about it."""

from __future__ import annotations

from typing import Protocol


class TimeLeft(Protocol):
    """How long the invocation may still take."""

    def get_remaining_time_in_millis(self) -> int: ...


class Invocation(TimeLeft, Protocol):
    """An invocation with its id, for handlers that take leases in its name."""

    aws_request_id: str
