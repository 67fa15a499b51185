"""Until when a conversation is to be answered, when its team is warned, and what becomes of one that is late.

The times are computed when somebody begins to wait and when another team takes over; a release that changes hours
changes nothing that is promised already. Everything here repeated gives the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from shared.domain.conversations.conversation import MOST_TAGS, Conversation, State, tagged
from shared.domain.identity.keys import milliseconds
from shared.domain.service.business_time import NeverOpen
from shared.domain.service.team import Changes, TeamDefinition


class Teams(Protocol):
    """The teams of a release."""

    @property
    def teams(self) -> Mapping[str, TeamDefinition]: ...

    @property
    def time_zone(self) -> str: ...

    def team_of(self, name: str) -> TeamDefinition | None:
        """The team of a conversation, or the default one."""
        ...


@dataclass(frozen=True, slots=True)
class Times:
    """``warn_at`` is None if nobody is warned."""

    due_at: datetime
    warn_at: datetime | None = None


def answer_times(team: TeamDefinition, since: datetime, zone: str, *, first: bool) -> Times | None:
    """For a customer who waits since then; None if the team promises nothing."""
    promised = team.answer
    within = None if promised is None else promised.first if first else promised.next
    if promised is None or within is None:
        return None
    time = team.time(zone)
    try:
        due_at = time.add(since, within)
        warn = promised.warn_before
        return Times(due_at, None if warn is None else time.add(since, within - warn))
    except NeverOpen:
        return None


def timed(one: Conversation, teams: Teams) -> Conversation:
    """With the times that its state asks for."""
    if one.state is not State.OPEN or one.waiting_since is None or one.spam or one.apart or one.shown_with:
        return _without_times(one)
    if one.due_for == _wait_of(one):
        return one
    team = teams.team_of(one.team)
    if team is None:
        return _without_times(one)
    first = one.first_answer_at is None or one.failed
    times = answer_times(team, one.waiting_since, teams.time_zone, first=first)
    fresh = replace(_without_times(one), due_for=_wait_of(one))
    return fresh if times is None else replace(fresh, due_at=times.due_at, warn_at=times.warn_at)


def next_mark(one: Conversation) -> datetime | None:
    """When something is to be done about the answer: the warning, then the escalation."""
    if one.due_at is None:
        return None
    if one.warn_at is not None and one.warned_at is None and one.warn_at < one.due_at:
        return one.warn_at
    return one.due_at if one.late_at is None else None


def marked(one: Conversation, teams: Teams, now: datetime) -> Conversation:
    """What time has changed: the warning is noted, and a late answer escalated. Each happens once in a wait."""
    if one.due_at is None or one.state is not State.OPEN:
        return one
    if one.warned_at is None and one.warn_at is not None and one.warn_at <= now:
        one = replace(one, warned_at=now)
    if one.late_at is None and one.due_at is not None and one.due_at <= now:
        team = teams.team_of(one.team)
        one = escalated(replace(one, late_at=now), team.escalate if team is not None else None)
    return one


def escalated(one: Conversation, how: Changes | None) -> Conversation:
    """As the definition says. The times stay: the answer is late whoever takes over."""
    if how is None:
        return one
    changed = replace(
        one,
        priority=how.priority or one.priority,
        team=how.team or one.team,
        assignee=how.assignee or ("" if how.team and how.team != one.team else one.assignee),
    )
    tags = tuple(dict.fromkeys((*one.tags, *how.tags)))
    changed = tagged(changed, tags) if len(tags) <= MOST_TAGS else changed
    return replace(changed, due_for=_wait_of(changed))


def _without_times(one: Conversation) -> Conversation:
    return replace(one, due_at=None, warn_at=None, warned_at=None, late_at=None, due_for="")


def _wait_of(one: Conversation) -> str:
    """Names who waits since when for which team: another wait has other times."""
    return f"{one.team}|{milliseconds(one.waiting_since) if one.waiting_since else ''}"
