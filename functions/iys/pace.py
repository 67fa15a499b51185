"""How often IYS is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Keeps the requests of a minute below a limit: the next one waits."""

    per_minute: int
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    requests: int = 0
    _next: float = 0.0

    def wait(self) -> None:
        now = self.elapsed()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / self.per_minute
        self.requests += 1
