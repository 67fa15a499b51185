"""What may be sent now and why, and every statement with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time
from functions.admin.models.iys import IysRecord


class TakenBack(AnswerModel):
    """A withdrawal that counts no more, who took it back, and why."""

    source: str
    messageId: str  # noqa: N815 - as SDKs write it
    time: Time
    by: str
    because: str


class FoldedStatements(AnswerModel):
    """How many statements of a public source one stands for. ``widened``: some named other purposes or addresses."""

    count: int
    first_received_at: Time
    last_received_at: Time
    widened: bool


class Statement(AnswerModel):
    """One statement: who said what, when, where, to which text, and whether the source may say so. ``taken_back``: an
    operator found the withdrawal in ``takes_back`` to be forged."""

    channel: str
    purpose: str
    said: Literal["granted", "withdrawn", "taken_back"]
    address: str | None
    time: Time
    received_at: Time
    counts_from: Time
    source: str
    trusted: bool
    permitted: bool
    origin: str | None
    text_version: str | None
    messageId: str  # noqa: N815 - as SDKs write it
    link_message: str | None
    takes_back: TakenBack | None
    folded: FoldedStatements | None
    under: list[str]


class ConsentNow(AnswerModel):
    """What holds for a channel and purpose, for the address in use."""

    channel: str
    purpose: str
    address: str | None
    granted: bool
    suppressed: bool
    why: str
    proof: Statement | None


class PreferencesNow(AnswerModel):
    """What the customer chose on the page of preferences: a limit, a pause, a language; and its proof."""

    one_in_days: int | None
    paused_until: Time | None
    language: str | None
    time: Time
    source: str
    origin: str | None
    text_version: str | None
    messageId: str  # noqa: N815 - as SDKs write it
    link_message: str | None


class Consents(AnswerModel):
    now: list[ConsentNow]
    preferences: PreferencesNow | None
    items: list[Statement]
    iys: list[IysRecord]
    texts: dict[str, dict[str, str]]
    cursor: Cursor


class LiftRequest(RequestModel):
    """Why an address is written to again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"because": "she emptied her mailbox"}]})
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"because": "why"}',
        "because": "because says why, in 1 to 500 characters: it stays in the timeline",
    }

    because: str = Field(min_length=1, max_length=500)

    @field_validator("because")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("blank")
        return text


class LiftAnswer(AnswerModel):
    """How many bounces count no more, and the proof."""

    lifted: int
    channel: str
    by: str
    because: str
    time: Time
    messageId: str  # noqa: N815 - as SDKs write it
