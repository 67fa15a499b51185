"""The erasure of a person, as it is asked for and as it is proven (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time


class ErasureRequest(RequestModel):
    """The shop's number of the request, if it has one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"case": "KVKK-2026-17"}]})
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {} or {"case": "your number of the request"}',
        "case": "case is your number of the request, of letters, digits and . _ / -, and no name of a person",
    }
    case: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._/-]*$")


class ErasureAnswer(AnswerModel):
    """How far it is. ``removed`` and ``kept`` count items by kind."""

    id: str
    state: Literal["running", "erased", "confirmed"]
    case: str | None
    request: str | None = Field(description="the id of its case; null for an erasure of an earlier version")
    by: str
    identifiers: int
    requested_at: Time
    erased_at: Time | None
    confirmed_at: Time | None
    refused_until: Time
    removed: dict[str, int]
    kept: dict[str, int]


class ErasureList(AnswerModel):
    items: list[ErasureAnswer]
    cursor: Cursor
