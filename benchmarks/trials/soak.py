"""Ordinary work for a long time: does memory grow, does anything stay behind?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

from benchmarks.trials.beside import beside
from benchmarks.trials.compare import compare
from benchmarks.trials.sending import Sender
from benchmarks.trials.shoppers import Shoppers
from benchmarks.trials.stack import Process, Stack, memory_of
from cli.local.activity_messages import OLDEST

Activity = Mapping[str, Mapping[str, int]]
EVERY_SECONDS = 10.0
EVENTS, PEOPLE = 60, 6
"""In one round."""
STEP = timedelta(minutes=20)
"""How far the clock goes on in a round."""
HOURS_AFTER = 24
"""A cart that is left in the evening is spoken of in the morning, when the shop's hours of sending begin."""
LIVED = 8
"""Readings of a process that is judged by: younger ones are still growing into their work."""


@dataclass
class Readings:
    """What was read every ten seconds."""

    memory: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    ages: dict[str, list[int]] = field(default_factory=dict)
    """Seconds that the oldest record of a stream (``unread``) and message of a queue (``queued``) had waited."""

    def note(self, processes: list[Process], activity: Activity) -> None:
        sizes = memory_of([one.pid for one in processes])
        for one in processes:
            if one.pid in sizes:
                self.memory.setdefault((one.function, one.pid), []).append(sizes[one.pid])
        self.waiting.append(sum(sum(activity[kind].values()) for kind in ("unread", "queued")))
        for kind, seconds in activity[OLDEST].items():
            self.ages.setdefault(kind, []).append(seconds)

    def by_function(self) -> dict[str, list[int]]:
        """Of processes that lived long enough: MiB after a quarter of their readings, in the end, and at most; the
        largest process of each function."""
        found: dict[str, list[int]] = {}
        for (function, _), sizes in self.memory.items():
            if len(sizes) >= LIVED:
                told = [round(size / 1024) for size in (sizes[len(sizes) // 4], sizes[-1], max(sizes))]
                found[function] = max(found.get(function, [0, 0, 0]), told, key=lambda one: one[2])
        return dict(sorted(found.items()))


def soak_trial(stack: Stack, minutes: float, seed: int) -> dict[str, Any]:
    """People come, leave carts and are written to, round after round."""
    began = time.monotonic()
    sender, readings = Sender(stack.endpoint, stack.keys), Readings()
    people: list[str] = []
    rounds = 0
    with _reading(stack, readings):
        while time.monotonic() - began < minutes * 60:
            shoppers = Shoppers(f"soak{seed}-{rounds}", PEOPLE, EVENTS, stack.now)
            people += [shoppers.address(number) for number in range(PEOPLE)]
            sender.send(shoppers.requests(), threads=2)
            stack.pass_time(STEP)
            rounds += 1
    working = time.monotonic() - began
    stack.finish()
    for _ in range(HOURS_AFTER):
        stack.pass_time(timedelta(hours=1))
        stack.finish()
    found = compare(stack, sender.sent.accepted, people)
    half = len(readings.waiting) // 2
    return {
        "minutes": round(working / 60, 1),
        "rounds": rounds,
        "events": len(sender.sent.accepted),
        "answers": {str(status): count for status, count in sorted(sender.sent.answers.items())},
        "slowest_answer_seconds": round(sender.sent.slowest, 1),
        "waiting_median_first_half": round(median(readings.waiting[:half] or [0])),
        "waiting_median_second_half": round(median(readings.waiting[half:] or [0])),
        "waiting_most": max(readings.waiting, default=0),
        "oldest_seconds": {kind: [round(median(ages)), max(ages)] for kind, ages in readings.ages.items()},
        "memory_mib": readings.by_function(),
        "letters": stack.parked(),
        "seconds": round(time.monotonic() - began),
        **asdict(found),
        "wrong": found.wrong,
    }


@contextmanager
def _reading(stack: Stack, readings: Readings) -> Iterator[None]:
    with beside(lambda: readings.note(stack.processes(), stack.activity()), lambda: EVERY_SECONDS):
        yield
