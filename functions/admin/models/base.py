"""The forms that every request and answer shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""ISO 8601 in UTC, with milliseconds."""
Cursor = Annotated[str | None, Field(description="for the next page; null on the last")]
Definition = Annotated[Any, WithJsonSchema({"type": "object", "additionalProperties": True})]
"""Checked by the rules of definitions, which say what to do about each mistake (docs/definitions.md)."""


class AnswerModel(BaseModel):
    """An answer, or a part of one. It holds exactly these keys; one with a default may be missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestModel(BaseModel):
    """The JSON object of a POST or PUT. Keys that it does not name are passed over, unless it forbids them.

    Attributes
    ----------
    most_bytes
        The largest body; None is what any request may have.
    sentences
        What to do about a wrong field, by its name; ``""`` is for everything else.
    """

    model_config = ConfigDict(frozen=True, strict=True)
    most_bytes: ClassVar[int | None] = None
    sentences: ClassVar[Mapping[str, str]] = {}


class Sentences(AnswerModel):
    """The same sentence in Turkish and English."""

    tr: str
    en: str


class Evidence(AnswerModel):
    """The rule that decided, and what was found of the customer that made it true."""

    rule: Sentences
    found: list[dict[str, Any]]


class ErrorAnswer(AnswerModel):
    """Every answer that is an error. No message repeats what was sent."""

    error: str = Field(description="a code for programs", examples=["malformed"])
    message: str = Field(description="a sentence that says what to do")
