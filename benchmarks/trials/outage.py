"""DynamoDB does not answer for ten minutes of the local clock: what senders hear, what is kept, what recovers."""

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
from cli.local.outage import NONE

MINUTES = 10
MINUTE_SECONDS = 6.0
"""Real time of a minute of the clock during the outage."""


def outage_trial(stack: Stack, kind: str, events: int, messages: int) -> dict[str, Any]:
    """A third of the people come before the outage, and their messages are due in it. A third is accepted and not yet
    folded when it begins. The others come during it. A minute passes ten times. ``kind``: how DynamoDB fails
    (`cli.local.outage`)."""
    began = time.monotonic()
    third = max(1, messages // 3)
    before, just, during = (
        Shoppers(name, third, events * third // messages, stack.now) for name in ("before", "just", "during")
    )
    first, second = Sender(stack.endpoint, stack.keys), Sender(stack.endpoint, stack.keys)
    first.send(before.requests())
    stack.finish()
    clock.move_to(clock.now() + REMINDER - timedelta(minutes=3))  # due three minutes into the outage
    requests = list(during.requests())
    first.send(just.requests())
    stack.outage(kind)
    unread = sum(stack.activity()["unread"].values())
    try:
        _pass_minutes(stack, second, requests)
        waiting = stack.activity()
    finally:
        met = stack.outage(NONE)
    over = time.monotonic()
    second.send(requests)
    wait_while_busy(stack)
    stack.pass_time(timedelta(minutes=1))
    stack.finish()
    recovered = time.monotonic() - over
    letters = stack.parked()
    redriven = redrive_all(stack, letters)
    stack.pass_time(REMINDER)
    stack.finish()
    people = [one.address(number) for one in (before, just, during) for number in range(third)]
    found = compare(stack, first.sent.accepted | second.sent.accepted, people)
    return {
        "kind": kind,
        "events": len(first.sent.accepted | second.sent.accepted),
        "requests_met": sum(met.values()),
        "answers": {str(status): count for status, count in sorted(second.sent.answers.items())},
        "retry_after": dict(second.sent.retry_after),
        "slowest_answer_seconds": round(second.sent.slowest, 1),
        "unread_at_the_beginning": unread,
        "waiting_at_the_end": {name: sum(waiting[name].values()) for name in ("unread", "queued")},
        "recovered_seconds": round(recovered),
        "letters": letters,
        "redriven": redriven,
        "seconds": round(time.monotonic() - began),
        **asdict(found),
        "wrong": found.wrong,
    }


def _pass_minutes(stack: Stack, sender: Sender, requests: list[Any]) -> None:
    """In each minute a part of the requests comes, and the functions of the minute are called."""
    part = -(-len(requests) // MINUTES)
    for minute in range(MINUTES):
        until = time.monotonic() + MINUTE_SECONDS
        for request in requests[minute * part : (minute + 1) * part]:
            sender.once(request)
        for kind in ("flip", "journey"):
            stack.fire(kind)
        clock.move_to(clock.now() + timedelta(minutes=1))
        time.sleep(max(0.0, until - time.monotonic()))
