"""The stack is ended while functions are killed, and started again at another port: nothing of a trial may be lost."""

from __future__ import annotations

import random
import time
from typing import Any

from benchmarks.trials.kill import REMINDER, Killer, ended, wait_while_busy
from benchmarks.trials.sending import Sender
from benchmarks.trials.shoppers import Shoppers
from benchmarks.trials.stack import Stack, again
from cli.local import clock


def restart_trial(stack: Stack, events: int, messages: int, seed: int) -> dict[str, Any]:
    """Messages of the first half of the people are in queues, and events of the others are not folded yet, when the
    stack is ended."""
    began = time.monotonic()
    half = max(1, messages // 2)
    early, late = (Shoppers(f"{name}{seed}", half, events // 2, stack.now) for name in ("early", "late"))
    sender, killer = Sender(stack.endpoint, stack.keys), Killer(stack, random.Random(seed))
    with killer.at_work():
        sender.send(early.requests())
        wait_while_busy(stack)
        clock.move_to(clock.now() + REMINDER)
        stack.fire("journey")
        sender.send(late.requests())
        left = stack.activity()
    stack = again(stack)
    killer.stack = stack
    with killer.at_work():
        wait_while_busy(stack)
        stack.pass_time(REMINDER)
        wait_while_busy(stack)
    people = [one.address(number) for one in (early, late) for number in range(half)]
    return {
        **ended(stack, sender, people, began),
        "killed": sum(killer.killed.values()),
        "left_when_ended": {name: sum(left[name].values()) for name in ("unread", "queued")},
    }
