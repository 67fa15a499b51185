"""Why identifiers are one customer, and what an operator says about a link (docs/identity.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time
from shared.domain.events.size_limits import MESSAGE_ID_LENGTH

REASON_LENGTH = 500


class LinkEvent(AnswerModel):
    """The event that said so."""

    event: str
    type: str
    messageId: str  # noqa: N815 - as SDKs write it
    time: Time
    received_at: Time
    source: str
    channel: str
    identifiers: list[str]


class Saying(AnswerModel):
    time: Time
    trusted: bool
    event: LinkEvent | None


class LinkVerdict(AnswerModel):
    """What a person decided about a link."""

    word: Literal["released", "restored"]
    time: Time
    reason: str | None
    event: LinkEvent | None


class Link(AnswerModel):
    owner: str
    owner_id: str
    state: Literal["current", "outranked", "released"]
    since: Time
    trusted: bool
    said: list[Saying]
    verdict: LinkVerdict | None


class LinkedIdentifier(AnswerModel):
    identifier: str
    id: str
    member: bool
    owner: str | None
    contested_from: Time | None
    links: list[Link]


class LinkList(AnswerModel):
    items: list[LinkedIdentifier]
    cursor: Cursor


class VerdictRequest(RequestModel):
    """From or to which owner, why, and an id by which a retry is known."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"owner": "user:42", "reason": "a shared laptop"}]}
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"owner": "user:42", "reason": "why"}, with messageId if you may send it again',
        "owner": "owner is the identifier that the link goes to, such as user:42",
        "reason": f"reason says why, in 1 to {REASON_LENGTH} characters: it stays in the timeline",
        "messageId": f"messageId is a text of at most {MESSAGE_ID_LENGTH} characters",
    }

    owner: str = Field(examples=["user:42"])
    reason: str = Field(min_length=1, max_length=REASON_LENGTH)
    messageId: str | None = Field(None, min_length=1, max_length=MESSAGE_ID_LENGTH)  # noqa: N815 - as SDKs write it

    @field_validator("reason", "messageId")
    @classmethod
    def _says_something(cls, text: str | None) -> str | None:
        if text is not None and not text.strip():
            raise ValueError("blank")
        return text


class VerdictAnswer(AnswerModel):
    """What was taken, and in ``will`` what happens within seconds."""

    accepted: Literal[True]
    messageId: str  # noqa: N815 - as SDKs write it
    child: str
    owner: str
    owner_then: str | None
    will: str
