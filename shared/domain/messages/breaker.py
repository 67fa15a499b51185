"""The circuit breaker of one channel's provider: when it is called, probed and left alone (docs/messages.md#outages).

All workers of a channel share one breaker. ``closed``: every message is called. ``open``: nothing is called but one
probe at a time, and the probes lie further and further apart. ``recovering``: messages take turns, more of them each
minute, so that what waited does not flood the provider. Only answers that say neither yes nor no, and refusals for now,
count against a provider; whoever says no to one message works.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

IN_A_ROW = 3
"""Answers in a row that open a closed breaker."""
FIRST_SPACING = timedelta(minutes=1)
LONGEST_SPACING = timedelta(minutes=15)
"""Between two probes: doubled with each probe that fails."""
LONGEST_AMBIGUOUS = timedelta(hours=1)
"""The same while nobody answers: such a probe may cost a message."""
PROBE_LASTS = timedelta(minutes=1)
"""How long a probe may take, its call and the record of it, before another message may probe."""
LAST_CALL_WAITS = timedelta(minutes=1)
"""A message that is not called again if nobody answers lets others probe first: for so long, and for as long as the
time between two probes while nobody answers."""
SPREAD = timedelta(minutes=30)
"""The longest time over which waiting messages are spread when they ask again, in the order in which they were due: a
quarter of the outage, and less than the time between two probes, so that those of two probes do not mix."""
RAMP = timedelta(minutes=45)
"""A recovery that is shorter counts as part of the same outage; longer than ``SPREAD``, so that all have asked."""
FIRST_MINUTE = 60
"""Messages in the first minute of a recovery; each minute has twice as many."""
TOP = 15_360
"""The most messages in a minute of a recovery."""
LEARNED_FOR = timedelta(days=1)
"""How long it is remembered that a provider limited the rate."""
MINUTE = timedelta(minutes=1)


class Phase(StrEnum):
    """``CLOSED``: every message is called. ``OPEN``: only probes are. ``RECOVERING``: messages take turns."""

    CLOSED = "closed"
    OPEN = "open"
    RECOVERING = "recovering"


class AnswerKind(StrEnum):
    """What one answer says about the provider. ``TAKEN``: the provider works, whatever it answered to this message."""

    TAKEN = "taken"
    AMBIGUOUS = "ambiguous"
    REFUSED_FOR_NOW = "refused_for_now"
    THROTTLED = "throttled"


class Breaker(Struct, frozen=True):
    """What all workers know of the provider.

    ``ambiguous``: answers in a row without yes or no; of an open breaker 1 if that opened it. ``opened_at``: the
    beginning of the outage, ``since`` that of the phase. ``cause``: the provider's last word. ``top``: the most
    messages in a minute that the provider took. ``message``: the one that probed or counted last; it counts once in a
    row, and it does not probe next.
    """

    phase: Phase = Phase.CLOSED
    ambiguous: int = 0
    opened_at: datetime | None = None
    since: datetime | None = None
    spacing: timedelta = FIRST_SPACING
    probe_at: datetime | None = None
    probing_until: datetime | None = None
    top: int = TOP
    cause: str = ""
    message: str = ""


class Call(Struct, frozen=True):
    """The provider may be called. ``probe``: the breaker to store first, on condition that nobody else stored one."""

    probe: Breaker | None = None


class Wait(Struct, frozen=True):
    """Ask again at ``until``."""

    until: datetime


class TakeTurn(Struct, frozen=True):
    """Take a number: ``turn_at`` says when it is called."""


def admit(
    breaker: Breaker, due: datetime, now: datetime, *, last_call: bool, message: str = ""
) -> Call | Wait | TakeTurn:
    """Whether a message that was due at ``due`` may be called. ``last_call``: if nobody answers, it is not called
    again."""
    match breaker.phase:
        case Phase.CLOSED:
            return Call()
        case Phase.RECOVERING:
            return TakeTurn()
        case Phase.OPEN:
            return _admit_open(breaker, due, now, last_call=last_call, message=message)
        case _:
            assert_never(breaker.phase)


def _admit_open(breaker: Breaker, due: datetime, now: datetime, *, last_call: bool, message: str) -> Call | Wait:
    opened, probe_at = breaker.opened_at or now, breaker.probe_at or now
    if breaker.probing_until is not None and now < breaker.probing_until:
        return Wait(breaker.probing_until + _place(due, opened, probe_at, PROBE_LASTS))
    mine, within = probe_at, LAST_CALL_WAITS
    failed = message != "" and message == breaker.message
    if last_call or failed:
        mine = probe_at + (breaker.spacing if breaker.ambiguous else LAST_CALL_WAITS)
        within = min(SPREAD, (probe_at - opened) / 4, breaker.spacing * 3 / 4)
    if failed:  # its own probe may say nothing about the provider: all others that wait come first
        mine, within = mine + within + PROBE_LASTS, timedelta()
    if now >= mine:
        return Call(probe=replace(breaker, probing_until=now + PROBE_LASTS, message=message))
    return Wait(mine + _place(due, opened, probe_at, within))


def _place(due: datetime, opened: datetime, probe_at: datetime, within: timedelta) -> timedelta:
    """Where a message stands among those that ask again: who was due first comes first."""
    share = (due - opened) / max(probe_at - opened, MINUTE)
    return within * min(max(share, 0.0), 1.0)


def after_answer(
    breaker: Breaker,
    answer: AnswerKind,
    now: datetime,
    *,
    probe: bool,
    in_a_row: int = 1,
    cause: str = "",
    message: str = "",
) -> Breaker:
    """The breaker after an answer; the same object if nothing is to be stored.

    ``in_a_row``: messages that this worker saw refused for now without a yes between them. They cost nothing but a
    call, so each worker counts its own. ``probe``: the call was let through by an open breaker.
    """
    match breaker.phase:
        case Phase.OPEN if not probe:
            return breaker  # a call from before it opened
        case Phase.OPEN:
            if answer is AnswerKind.TAKEN:
                return replace(breaker, phase=Phase.RECOVERING, ambiguous=0, since=now, probing_until=None, message="")
            return _opened(breaker, answer, now, breaker.spacing * 2, cause, message)
        case Phase.CLOSED | Phase.RECOVERING:
            return _after_call(breaker, answer, now, in_a_row, cause, message)
        case _:
            assert_never(breaker.phase)


def _after_call(
    breaker: Breaker, answer: AnswerKind, now: datetime, in_a_row: int, cause: str, message: str
) -> Breaker:
    if answer is AnswerKind.TAKEN:
        return replace(breaker, ambiguous=0, message="") if breaker.ambiguous else breaker
    if answer is AnswerKind.AMBIGUOUS:
        if breaker.ambiguous and message and message == breaker.message:
            return breaker
        if breaker.ambiguous + 1 < IN_A_ROW:
            return replace(breaker, ambiguous=breaker.ambiguous + 1, cause=cause, message=message)
    elif in_a_row < IN_A_ROW:
        return breaker
    again = breaker.phase is Phase.RECOVERING and now - (breaker.since or now) < RAMP
    return _opened(breaker, answer, now, breaker.spacing * 2 if again else FIRST_SPACING, cause, message)


def _opened(
    breaker: Breaker, answer: AnswerKind, now: datetime, spacing: timedelta, cause: str, message: str
) -> Breaker:
    """Opens, or stays open. A recovering provider that limits the rate is asked for half of it from then on."""
    began = now if breaker.phase is Phase.CLOSED else breaker.opened_at
    top = breaker.top
    if breaker.phase is Phase.CLOSED and (breaker.since is None or now - breaker.since > LEARNED_FOR):
        top = TOP
    if breaker.phase is Phase.RECOVERING and answer is AnswerKind.THROTTLED:
        top = max(FIRST_MINUTE, _in_minute(breaker, (now - (breaker.since or now)) // MINUTE) // 2)
    spacing = min(spacing, LONGEST_AMBIGUOUS if answer is AnswerKind.AMBIGUOUS else LONGEST_SPACING)
    silent = int(answer is AnswerKind.AMBIGUOUS)
    return Breaker(Phase.OPEN, silent, began, now, spacing, now + spacing, None, top, cause, message)


def turn_at(breaker: Breaker, number: int) -> datetime:
    """When the turn with this number comes, from 1: later for later numbers. Commercial and transactional messages
    stand in two lines, and each has half of the minute."""
    start = breaker.since
    assert start is not None  # noqa: S101  turns are taken from a recovering breaker
    minute, left = 0, number - 1
    while True:
        room = max(1, _in_minute(breaker, minute) // 2)
        if room * 2 >= breaker.top or left < room:
            return start + MINUTE * minute + MINUTE * left / room
        left, minute = left - room, minute + 1


def _in_minute(breaker: Breaker, minute: int) -> int:
    return min(breaker.top, FIRST_MINUTE << min(max(minute, 0), 30))


def has_turn(breaker: Breaker, turn: datetime, now: datetime) -> bool:
    """Whether a message that was told to come at ``turn`` has its turn in this recovery."""
    return breaker.since is not None and breaker.since <= turn <= now


def recovered(breaker: Breaker, newest_turn: datetime, now: datetime) -> Breaker:
    """Closed, once the newest turn comes without waiting and everything that waited has asked; else as it is."""
    if breaker.phase is not Phase.RECOVERING or newest_turn > now or now - (breaker.since or now) < RAMP:
        return breaker
    return Breaker(since=now, top=breaker.top)
