"""Switches outside releases that act at once: global stop, shadow mode, allow-list (docs/definitions.md)."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct


class Controls(Struct, frozen=True):
    """``allow_list`` holds partition keys of identifiers or addresses; None means everybody.

    In shadow mode a message is decided, rendered and recorded, and not sent. While ``global_stop`` is on, messages wait
    and are asked again after ``ask_again``.
    """

    global_stop: bool = False
    shadow: bool = False
    allow_list: frozenset[str] | None = None
    ask_again: timedelta = timedelta(minutes=15)
    at: str = ""
    by: str = ""
