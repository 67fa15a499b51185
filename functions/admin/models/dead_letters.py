"""Dead letters: messages that nobody could work on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time
from shared.domain.deadletters.letter import Kind

MOST_AT_ONCE = 100


class DeadLetter(AnswerModel):
    """``about`` holds ids only. ``receives`` counts looks, too. ``redrivable`` is false if it cannot be read."""

    queue: str
    id: str
    kind: Kind
    queued_at: Time
    age_seconds: int
    receives: int
    reason: str | None
    about: dict[str, str]
    redrivable: bool


class LettersWaiting(AnswerModel):
    """About how many letters a queue holds."""

    name: str
    waiting: int


class DeadLetters(AnswerModel):
    """The oldest letters of each queue, and how many each queue holds."""

    items: list[DeadLetter]
    queues: list[LettersWaiting]
    cursor: Cursor


class RedriveRequest(RequestModel):
    """``before``: letters that came later, in milliseconds since 1970, stay. ``id``: this letter alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit": 50}]})
    sentences: ClassVar[Mapping[str, str]] = {
        "": f"limit is 1 to {MOST_AT_ONCE}, before is in milliseconds since 1970, id names one letter"
    }

    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = MOST_AT_ONCE
    before: Annotated[int, Field(ge=1, lt=253_402_300_800_000)] | None = None
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class KeptLetter(AnswerModel):
    """A letter that stays. ``stream_gone``: its records are older than a day; `kervan rebuild` makes up for them."""

    id: str
    reason: Literal["unreadable", "stream_gone"]


class RedriveAnswer(AnswerModel):
    """``waiting``: about how many letters the queue still holds. Give ``before`` with the next request."""

    redriven: int
    kept: list[KeptLetter]
    waiting: int
    before: int
