"""A request of a person as a case: what he asks for, until when it must be answered, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.privacy.erasure import PROOF_KEPT

ANSWER_WITHIN = timedelta(days=30)
"""KVKK 13(2) gives thirty days, GDPR 12(3) a month: the shorter one."""
WARN_BEFORE = timedelta(days=7)
ALARM_BEFORE = timedelta(days=2)
REASONS = ("identity_not_proven", "no_data", "kept_by_law", "repeated", "withdrawn", "unfounded")
"""Why a request was refused: words, and no text of somebody's, which could name the person."""
PERSON = "person"
"""Who asked or did it, where it was the person himself."""


class Right(StrEnum):
    """What can be asked for."""

    ERASE = "erase"
    EXPORT = "export"
    RESTRICT = "restrict"
    OBJECT = "object"


class CaseState(StrEnum):
    """``OPEN -> RUNNING -> DONE | REFUSED``; ``OPEN -> DONE | REFUSED``; ``DONE -> LIFTED`` for a restriction or an
    objection."""

    OPEN = "open"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    LIFTED = "lifted"


class CaseAction(StrEnum):
    """What an operator does with a case."""

    CARRY_OUT = "carry_out"
    REFUSE = "refuse"
    LIFT = "lift"


LIFTABLE = frozenset({Right.RESTRICT, Right.OBJECT})
_NEXT: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.RUNNING, CaseState.DONE, CaseState.REFUSED}),
    CaseState.RUNNING: frozenset({CaseState.DONE, CaseState.REFUSED}),
    CaseState.DONE: frozenset({CaseState.LIFTED}),
    CaseState.REFUSED: frozenset(),
    CaseState.LIFTED: frozenset(),
}


class WrongState(ValueError):
    """The case is too far for that, or not far enough."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log of a case. ``by``: the person, a colleague or a key's name. ``reason``: one of REASONS."""

    at: datetime
    state: CaseState
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One request. No value of the person is in it: ``home`` is a keyed digest, and so are ``marked``.

    ``part``: if he asked by himself, the identifiers that are proven to be his, and ``proven`` the address that proved
    it; empty if the case is about all of the customer. ``number``: the shop's own number of the request. ``erasure``:
    the id of the erasure that carries it out. ``marked``: the identifiers that a restriction or an objection was
    written on.
    """

    id: str
    right: Right
    home: str
    requested_at: datetime
    log: tuple[Entry, ...]
    number: str = ""
    erasure: str = ""
    marked: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    proven: str = ""
    version: int = 0

    @property
    def state(self) -> CaseState:
        return self.log[-1].state

    @property
    def due_at(self) -> datetime:
        """Until when the person must have an answer."""
        return self.requested_at + ANSWER_WITHIN

    @property
    def waits(self) -> bool:
        """Whether the person has no answer yet."""
        return self.state in {CaseState.OPEN, CaseState.RUNNING}

    @property
    def answered_at(self) -> datetime | None:
        """When it was done or refused."""
        ends = (CaseState.DONE, CaseState.REFUSED)
        return next((entry.at for entry in self.log if entry.state in ends), None)

    @property
    def in_time(self) -> bool | None:
        """Whether it was answered within thirty days; None if it was not answered yet."""
        return None if self.answered_at is None else self.answered_at <= self.due_at

    @property
    def kept_until(self) -> datetime | None:
        """Three years after its last change; an open case, or one that is in force, is kept."""
        in_force = self.state is CaseState.DONE and self.right in LIFTABLE
        return None if self.waits or in_force else self.log[-1].at + PROOF_KEPT

    def urgent(self, now: datetime) -> bool:
        """Whether it is due within a week, or overdue."""
        return self.waits and now >= self.due_at - WARN_BEFORE

    def pressing(self, now: datetime) -> bool:
        """Whether it is due within two days, or overdue."""
        return self.waits and now >= self.due_at - ALARM_BEFORE

    def overdue(self, now: datetime) -> bool:
        return self.waits and now > self.due_at

    def moved(self, state: CaseState, at: datetime, by: str, reason: str = "") -> Case:
        """The case with one more line in its log.

        Raises
        ------
        WrongState
            If it cannot go there from where it is.
        """
        if state not in _NEXT[self.state] or (state is CaseState.LIFTED and self.right not in LIFTABLE):
            raise WrongState(f"a case about {self.right} that is {self.state} cannot become {state}")
        return replace(self, log=(*self.log, Entry(at, state, by, reason)))


@dataclass(frozen=True, slots=True)
class Due:
    """How many cases have no answer and are due within a week, of these within two days, and of these overdue."""

    week: int = 0
    two_days: int = 0
    overdue: int = 0


def due_of(cases: Iterable[Case], now: datetime) -> Due:
    """What somebody should hear of."""
    waiting = [case for case in cases if case.urgent(now)]
    return Due(len(waiting), sum(case.pressing(now) for case in waiting), sum(case.overdue(now) for case in waiting))


def new_case(
    name: str,
    right: Right,
    home: str,
    now: datetime,
    by: str,
    number: str = "",
    *,
    part: tuple[str, ...] = (),
    proven: str = "",
) -> Case:
    """A request that has just come in."""
    return Case(name, right, home, now, (Entry(now, CaseState.OPEN, by),), number, part=part, proven=proven)
