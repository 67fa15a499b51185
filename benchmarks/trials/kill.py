"""Functions are killed at random moments while events and messages pass."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from benchmarks.trials.beside import beside
from benchmarks.trials.compare import compare
from benchmarks.trials.letters import redrive_all
from benchmarks.trials.sending import Sender
from benchmarks.trials.shoppers import Shoppers
from benchmarks.trials.stack import Stack

EVERY_SECONDS = 6.0
"""Real time. A process that starts on a busy laptop takes some seconds: with more kills than starts nothing passes."""
AT_WORK = 0.5
REMINDER = timedelta(hours=1, minutes=1)
"""After it the first message of a cart is due."""


@dataclass
class Killer:
    """Kills a process at random moments, ``every`` so many seconds; in ``AT_WORK`` of the cases one that works on
    something."""

    stack: Stack
    rng: random.Random
    every: float = EVERY_SECONDS
    killed: Counter[str] = field(default_factory=Counter)
    busy: int = 0

    def strike(self) -> None:
        living = self.stack.processes()
        busy = [one for one in living if one.busy]
        chosen = self.rng.choice(busy if busy and self.rng.random() < AT_WORK else living) if living else None
        if chosen is not None and self.stack.kill(chosen):
            self.killed[chosen.function] += 1
            self.busy += chosen.busy

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Kills until the block ends."""
        with beside(self.strike, lambda: self.rng.uniform(0.5, 1.5) * self.every):
            yield


def kill_trial(stack: Stack, events: int, messages: int, seed: int) -> dict[str, Any]:
    """The figures of the trial."""
    began = time.monotonic()
    shoppers = Shoppers(f"kill{seed}", messages, events, stack.now)
    sender = Sender(stack.endpoint, stack.keys)
    killer = Killer(stack, random.Random(seed))
    with killer.at_work():
        sender.send(shoppers.requests())
        wait_while_busy(stack)
        stack.pass_time(REMINDER)
        wait_while_busy(stack)
    people = [shoppers.address(number) for number in range(messages)]
    found = ended(stack, sender, people, began)
    return {
        **found,
        "killed": sum(killer.killed.values()),
        "killed_at_work": killer.busy,
        "killed_by_function": dict(sorted(killer.killed.items())),
    }


def ended(stack: Stack, sender: Sender, people: Sequence[str], began: float) -> dict[str, Any]:
    """The figures of every trial of this kind: what is left is done, letters are redriven, and what is stored and was
    delivered is compared with what was taken. ``people``: the addresses that a message was due to."""
    stack.finish()
    letters = stack.parked()
    redriven = redrive_all(stack, letters)
    found = compare(stack, sender.sent.accepted, people)
    return {
        "events": len(sender.sent.accepted),
        "answers": {str(status): count for status, count in sorted(sender.sent.answers.items())},
        "letters": letters,
        "redriven": redriven,
        "seconds": round(time.monotonic() - began),
        **asdict(found),
        "wrong": found.wrong,
    }


def wait_while_busy(stack: Stack, seconds: float = 600.0) -> None:
    """Returns when the stream is read and queues are empty, or after ``seconds``; killing goes on meanwhile."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        quiet = quiet + 1 if stack.waiting() == 0 else 0
        stack.retry()
        time.sleep(0.5)
