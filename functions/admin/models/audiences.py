"""Lists at advertising platforms (docs/audiences.md)."""

from __future__ import annotations

from typing import Literal

from functions.admin.models.base import AnswerModel, Cursor, Time


class AudienceAnswer(AnswerModel):
    """One list. ``size``: addresses that the platform has. ``waiting_since``: of the oldest change that it was not told
    yet. ``closing``: everybody is taken out, because the shop has no such audience any more. ``complete``: whether
    everybody of the segment was looked at once."""

    audience: str
    segment: str
    to: Literal["meta", "google"]
    list: str
    size: int
    waiting_since: Time | None
    failing_since: Time | None
    problem: str | None
    closing: bool
    complete: bool


class AudienceList(AnswerModel):
    items: list[AudienceAnswer]
    cursor: Cursor
