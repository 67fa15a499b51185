"""A queue in virtual time: what waits, and for how long the oldest has waited."""

from __future__ import annotations

from collections import deque


class Backlog:
    """First in, first out; amounts are fractions of events, because thousands come in a second."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, float]] = deque()
        self.size = 0.0

    def add(self, second: int, amount: float) -> None:
        if amount > 0:
            self._waiting.append((second, amount))
            self.size += amount

    def take(self, most: float) -> float:
        """Take the oldest, at most so much; returns how much."""
        left = most
        while left > 0 and self._waiting:
            second, amount = self._waiting[0]
            taken = min(amount, left)
            left -= taken
            if taken == amount:
                self._waiting.popleft()
            else:
                self._waiting[0] = (second, amount - taken)
        done = most - left
        self.size = max(0.0, self.size - done) if self._waiting else 0.0
        return done

    def age(self, now: int) -> int:
        """Seconds that the oldest has waited; 0 if less than one whole thing waits."""
        return now - self._waiting[0][0] if self.size >= 1 else 0
