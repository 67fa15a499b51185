"""The line of a customer's messages through time: where each dot stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WIDTH = 960
MARGIN = 30
APART = 24
"""Units between two dots that do not touch; nearer ones are stacked."""
HIGH = 22
TICKS = 6
LEAST = timedelta(hours=6)
"""The shortest time that a line spans."""
SENT = frozenset({"sent"})
OPEN = frozenset({"claimed", "calling", "deferred"})


@dataclass(frozen=True, slots=True)
class Dot:
    """``look`` is solid (sent), hollow (not sent) or waiting; ``level`` counts up from the line."""

    message: Mapping[str, Any]
    x: int
    level: int
    look: str


@dataclass(frozen=True, slots=True)
class Line:
    """``ticks``: place and instant of the dates below the line."""

    dots: tuple[Dot, ...]
    ticks: tuple[tuple[int, str], ...]
    levels: int

    @property
    def height(self) -> int:
        return 52 + HIGH * self.levels


def line_of(messages: Sequence[Mapping[str, Any]]) -> Line | None:
    """The messages in the order of time; None if there are none."""
    if not messages:
        return None
    times = {one["message_id"]: datetime.fromisoformat(one["sent_at"] or one["at"]) for one in messages}
    first, last = min(times.values()), max(times.values())
    span = max(last - first, LEAST)
    first -= (span - (last - first)) / 2  # few messages at one time stand in the middle
    taken: list[int] = []  # by level, the place of the last dot
    dots = []
    for one in sorted(messages, key=lambda one: (times[one["message_id"]], one["message_id"])):
        x = MARGIN + round((times[one["message_id"]] - first) / span * (WIDTH - 2 * MARGIN))
        level = next((place for place, before in enumerate(taken) if x - before >= APART), len(taken))
        taken[level : level + 1] = [x]
        dots.append(Dot(one, x, level, look_of(one["state"])))
    ticks = tuple(
        (MARGIN + round(place / (TICKS - 1) * (WIDTH - 2 * MARGIN)), (first + span * place / (TICKS - 1)).isoformat())
        for place in range(TICKS)
    )
    return Line(tuple(dots), ticks, len(taken))


def look_of(state: str) -> str:
    """How a message is drawn."""
    return "solid" if state in SENT else "waiting" if state in OPEN else "hollow"
