"""The clock of all functions jumps forward and back while events and messages pass."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from benchmarks.trials.compare import compare
from benchmarks.trials.kill import REMINDER, wait_while_busy
from benchmarks.trials.letters import redrive_all
from benchmarks.trials.sending import Sender
from benchmarks.trials.shoppers import Shoppers
from benchmarks.trials.stack import Stack
from cli.local import clock

JUMPS = (timedelta(minutes=-10), timedelta(minutes=20), timedelta(hours=-2), timedelta(hours=3), timedelta(minutes=-59))
"""One after the other, each while something is under way; in the end it is two minutes past the first reminder."""


def clock_trial(stack: Stack, events: int, messages: int) -> dict[str, Any]:
    """A part of the events before each jump, due timers after it."""
    began = time.monotonic()
    shoppers = Shoppers("clock", messages, events, stack.now)
    sender = Sender(stack.endpoint, stack.keys)
    start = clock.now()
    requests = list(shoppers.requests())
    part = -(-len(requests) // len(JUMPS))
    for place, jump in enumerate(JUMPS):
        sender.send(requests[place * part : (place + 1) * part])
        clock.move_to(clock.now() + jump)
        for kind in ("flip", "journey"):
            stack.fire(kind)
        wait_while_busy(stack)
    clock.move_to(max(clock.now(), start))
    stack.pass_time(REMINDER * 2)
    stack.finish()
    letters = stack.parked()
    redriven = redrive_all(stack, letters)
    found = compare(stack, sender.sent.accepted, [shoppers.address(number) for number in range(messages)])
    return {
        "events": len(sender.sent.accepted),
        "jumps": [f"{jump.total_seconds() / 60:+.0f} min" for jump in JUMPS],
        "answers": {str(status): count for status, count in sorted(sender.sent.answers.items())},
        "letters": letters,
        "redriven": redriven,
        "seconds": round(time.monotonic() - began),
        **asdict(found),
        "wrong": found.wrong,
    }
