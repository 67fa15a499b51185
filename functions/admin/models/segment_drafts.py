"""Questions about segments that are not published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, WithJsonSchema

from functions.admin.models.base import AnswerModel, Definition, RequestModel, Sentences, Time

_DRAFT: dict[str, Any] = {"segment": "bought-twice", "who": {"orders": {"at_least": 2}}}


class PreviewRequest(RequestModel):
    """A draft, and further ones that are counted on the same customers."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"required": ["draft"], "examples": [{"draft": _DRAFT, "beside": []}]}
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"draft": {"segment": "name", "who": {...}}}',
        "beside": "beside is a list of further segments",
    }

    draft: Definition = None
    beside: Annotated[list[Any], WithJsonSchema({"type": "array", "items": {"type": "object"}, "maxItems": 99})] = (
        Field(default_factory=list)
    )


class ExplainRequest(RequestModel):
    """A draft, and the customer that it is explained for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "required": ["draft", "identifier"],
            "examples": [{"draft": _DRAFT, "identifier": "user:42", "language": "tr"}],
        },
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"draft": {"segment": "name", "who": {...}}, "identifier": "user:42"}'
    }

    draft: Definition = None
    identifier: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    language: Annotated[Any, WithJsonSchema({"type": "string", "enum": ["tr", "en"]})] = "en"


class Estimate(AnswerModel):
    """``low`` to ``high`` holds the true number in 95 of 100 samples; equal where everybody was looked at."""

    count: int
    low: int
    high: int


class SampleMember(AnswerModel):
    customer: str
    identifier: str | None
    valid_until: Time | None


class SegmentPreview(AnswerModel):
    """How many a draft would hold, how many of them each channel reaches, and who, for example."""

    segment: str
    sentences: Sentences
    exact: bool
    customers: int
    looked_at: int
    from_log: bool
    count: int
    low: int
    high: int
    reachable: dict[str, Estimate]
    sample: list[SampleMember]
    beside: dict[str, Estimate]
    how: str = Field(description="how many customers were looked at, and how they were chosen")
