"""Crashes at a chosen request to any table or bucket: for tests that try each of them."""

from __future__ import annotations

import itertools
from typing import Any


class Crash(Exception):
    """The environment dies here."""


class CrashesAt:
    """Every request is counted; the ``at``-th one crashes, before or after it was done."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after = at, after
        self.numbers = itertools.count(1)
        self.met = False

    def __call__(self, table: Any) -> Any:
        outer = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                real = getattr(table, name)
                if not callable(real):
                    return real

                def call(*arguments: Any, **named: Any) -> Any:
                    crash = next(outer.numbers) == outer.at
                    outer.met = outer.met or crash
                    if crash and not outer.after:
                        raise Crash
                    answer = real(*arguments, **named)
                    if crash:
                        raise Crash
                    return answer

                return call

        return Wrapped()
