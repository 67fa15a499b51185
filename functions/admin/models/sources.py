"""What each source sent in the last 24 hours."""

from __future__ import annotations

from typing import Literal

from functions.admin.models.base import AnswerModel, Cursor, Time


class Refused(AnswerModel):
    reason: str
    count: int


class UnusedField(AnswerModel):
    field: str
    reason: str
    count: int


class SourceQuota(AnswerModel):
    """What a source may send; null is no limit."""

    events_per_minute: int | None
    events_per_day: int | None
    identifiers_per_minute: int | None


class SourceActivity(AnswerModel):
    """Requests with an unknown key have no name."""

    name: str | None
    trust: Literal["public", "server", "unknown"]
    events: int
    provisional: int
    withdrawn: int
    failed: int
    refused: list[Refused]
    warnings: list[UnusedField]
    last_seen: Time | None
    busiest_minute: int
    quota: SourceQuota | None


class Sources(AnswerModel):
    items: list[SourceActivity]
    cursor: Cursor
    since: Time
