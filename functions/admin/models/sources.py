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


class SourceActivity(AnswerModel):
    """Requests with an unknown key have no name."""

    name: str | None
    trust: Literal["public", "server", "unknown"]
    events: int
    provisional: int
    failed: int
    refused: list[Refused]
    warnings: list[UnusedField]
    last_seen: Time | None


class Sources(AnswerModel):
    items: list[SourceActivity]
    cursor: Cursor
    since: Time
