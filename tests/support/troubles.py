"""Troubles of a function under test: it dies at a call, and requests to another system get no answer. A history of
random acts is played with them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from tests.support.interleaving import Crash


class CrashingTable:
    """The table of another, until a call that ends the function, before or after its effect."""

    def __init__(self, table: Any, tick: Callable[[], Callable[[], None]]) -> None:
        self._table, self._tick = table, tick

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._table, name)

        def call(*args: Any, **named: Any) -> Any:
            after = self._tick()
            answer = method(*args, **named)
            after()
            return answer

        return call


@dataclass(kw_only=True)
class Troubles:
    """``crash_in``: after so many calls of tables or of the other system the function ends; ``cut``: the next requests
    that get no answer, by whether they had an effect. Those for a token always get one."""

    crash_in: int | None = None
    cut: list[str] = field(default_factory=list)

    def tick(self) -> Callable[[], None]:
        """Counts one call. A crash comes before its effect or after it, by turns."""
        if self.crash_in is None:
            return lambda: None
        self.crash_in -= 1
        if self.crash_in == 0:
            raise Crash
        return self._after

    def _after(self) -> None:
        if self.crash_in == 1:
            self.crash_in = None
            raise Crash

    def other_system(self, method: str, url: str, body: bytes, token: str) -> tuple[int, Any]:
        """Status and JSON that the other system answers."""
        raise NotImplementedError

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        """``Https`` of the adapters."""
        after = self.tick()
        cut = self.cut.pop(0) if self.cut and not urlsplit(url).path.endswith("token") else ""
        if cut == "before":
            raise NeverLeft("refused")
        status, said = self.other_system(method, url, body, headers.get("Authorization", "").removeprefix("Bearer "))
        after()
        if cut == "after":
            raise NoAnswer("reset")
        return HttpsAnswer(status, {}, json.dumps(said).encode())

    def survives(self, work: Callable[[], object], down: type[Exception]) -> bool:
        """Whether the work ended. ``down``: what it raises while the other system does not answer."""
        try:
            work()
        except Crash:
            self.crash_in = None
            return False
        except down:
            return False
        return True


class History(Protocol):
    def play(self) -> None:
        """Random acts, and then time until nothing waits."""

    def check(self) -> None:
        """What holds at the end of every history."""


def play_histories(history: Callable[[random.Random], History], seeds: Iterable[int]) -> None:
    """Play one history for each seed. What fails names its seed."""
    for seed in seeds:
        story = history(random.Random(seed))
        try:
            story.play()
            story.check()
        except BaseException as failed:
            raise AssertionError(f"history {seed}") from failed
