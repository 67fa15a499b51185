"""Cases: requests of people, and what was done about them (docs/privacy.md#cases)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time

RightName = Literal["erase", "export", "restrict", "object"]
CaseStateName = Literal["open", "running", "done", "refused", "lifted"]
RefusalReason = Literal["identity_not_proven", "no_data", "kept_by_law", "repeated", "withdrawn", "unfounded"]


class CaseRequest(RequestModel):
    """What the person asks for, and the shop's own number of the request."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"right": "restrict", "number": "KVKK-2026-17"}]}
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"right": "erase", "number": "your number of the request"}',
        "right": "right is erase, export, restrict or object",
        "number": "number is your number of the request, of letters, digits and . _ / -, and no name of a person",
    }
    right: RightName
    number: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._/-]*$")


class CaseActionRequest(RequestModel):
    """What was decided. A refusal has a reason; no text, which could name the person."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"action": "refuse", "reason": "identity_not_proven"}]}
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"action": "carry_out"}, or {"action": "refuse", "reason": "kept_by_law"}',
        "action": "action is carry_out, refuse or lift",
        "reason": "reason is identity_not_proven, no_data, kept_by_law, repeated, withdrawn or unfounded",
    }
    action: Literal["carry_out", "refuse", "lift"]
    reason: RefusalReason | None = None


class CaseEntry(AnswerModel):
    """One line of the log of a case."""

    at: Time
    state: CaseStateName
    by: str
    reason: RefusalReason | None


class CaseAnswer(AnswerModel):
    """One case. ``customer`` is a keyed digest: no value of the person is in a case."""

    id: str
    right: RightName
    state: CaseStateName
    number: str | None
    customer: str
    requested_at: Time
    due_at: Time
    answered_at: Time | None
    in_time: bool | None = Field(description="whether it was answered within 30 days; null if it was not answered")
    urgent: bool = Field(description="no answer yet, and due within a week")
    pressing: bool = Field(description="no answer yet, and due within two days")
    overdue: bool
    erasure: str | None = Field(description="the erasure that carries it out")
    log: list[CaseEntry]


class CaseList(AnswerModel):
    items: list[CaseAnswer]
    cursor: Cursor


class CustomerCases(AnswerModel):
    items: list[CaseAnswer]
