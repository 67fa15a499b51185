"""The local stack's clock: real time plus an offset that all functions read from one file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli import paths
from cli.failure import Failure, WrongUse
from shared.domain.time import durations

PATIENCE = 40
"""Tries for a moment whose timer does not move: a tick of real time may hold the lease for a while."""


def now() -> datetime:
    """The local stack's time, UTC."""
    return datetime.now(UTC) + timedelta(seconds=float(paths.read(paths.CLOCK).get("offset_seconds", 0.0)))


def move_to(moment: datetime) -> None:
    """Sets the clock; whole milliseconds, rounded up, so that what is due at ``moment`` is due."""
    offset = (moment - datetime.now(UTC)).total_seconds()
    paths.write(paths.CLOCK, {"offset_seconds": math.ceil(offset * 1000) / 1000})


def parse_duration(text: str) -> timedelta:
    """A duration as definitions write it, such as ``25h``.

    Raises
    ------
    WrongUse
        If it is none, or zero.
    """
    try:
        span = durations.parse_duration(text)
    except durations.InvalidDuration as wrong:
        raise WrongUse(f"{wrong}: {wrong.remedy}") from wrong
    if not span:
        raise WrongUse("time moves forward only: say at least 1m")
    return span


def next_local(text: str, start: datetime, zone: str) -> datetime:
    """The first ``HH:MM`` of the shop's day after ``start``, as an instant in UTC.

    Raises
    ------
    WrongUse
        If ``text`` is no time of day.
    """
    try:
        hour, minute = (int(part) for part in text.strip().split(":"))
        wanted = time(hour, minute)
    except ValueError as wrong:
        raise WrongUse(f"{text!r} is not a time of day: write it as 10:00") from wrong
    local = start.astimezone(ZoneInfo(zone))
    found = datetime.combine(local.date(), wanted, local.tzinfo)
    if found <= local:
        found = datetime.combine(local.date() + timedelta(days=1), wanted, local.tzinfo)
    return found.astimezone(UTC)


def in_zone(moment: datetime, zone: str) -> datetime:
    """The same instant as the shop's clocks show it."""
    return moment.astimezone(ZoneInfo(zone))


@dataclass(frozen=True, slots=True)
class Timer:
    """One thing that is due: its key in the table ``timers``."""

    due: datetime
    kind: str
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stack:
    """What `advance` needs of the local stack."""

    earliest: Callable[[], Timer | None]
    fire: Callable[[str], None]
    settle: Callable[[], None]
    now: Callable[[], datetime] = now
    move_to: Callable[[datetime], None] = move_to
    pause: Callable[[float], None] = lambda _seconds: None
    tick: Callable[[], None] = lambda: None
    """What a minute does without a timer: a new release is noticed."""


def advance(stack: Stack, target: datetime, *, tell: Callable[[datetime, str], None] = lambda _due, _kind: None) -> int:
    """Moves time to ``target`` through every due moment in order; how many moments there were.

    At each the function of the timer's kind works, and everything that follows from it, before time moves on. Returns
    when nothing is due, queued or unfolded.

    Raises
    ------
    Failure
        If a timer stays due although its function ran.
    """
    moments = 0
    stack.settle()
    stack.tick()
    stack.settle()
    tried: tuple[tuple[str, str], int] = (("", ""), 0)
    while (timer := stack.earliest()) is not None and timer.due <= max(target, stack.now()):
        tried = (timer.key, tried[1] + 1 if timer.key == tried[0] else 1)
        if tried[1] > PATIENCE:
            raise Failure(
                f"a {timer.kind} timer of {timer.due:%Y-%m-%d %H:%M:%S} UTC stays due although its function ran: "
                "see .kervan/emulator.log"
            )
        if tried[1] == 1:
            moments += 1
            tell(timer.due, timer.kind)
        else:
            stack.pause(0.1 * min(tried[1], 10))
        if timer.due > stack.now():
            stack.move_to(timer.due)
        stack.fire(timer.kind)
        stack.settle()
    if target > stack.now():
        stack.move_to(target)
    return moments
