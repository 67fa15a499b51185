"""Coupons and their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time

CODES_AT_ONCE = 1_000


class Coupon(AnswerModel):
    """Where the codes of a coupon come from, which steps give them, and how many are free."""

    name: str
    label: dict[str, str]
    codes: Literal["imported", "pattern", "same"]
    pattern: str | None
    free: int | None
    free_at_least: bool
    given_by: list[str]


class Coupons(AnswerModel):
    items: list[Coupon]
    cursor: Cursor


class CodesRequest(RequestModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"codes": ["KIS-1", "KIS-2"]}]})
    sentences: ClassVar[Mapping[str, str]] = {"": f"codes is a list of 1 to {CODES_AT_ONCE} codes"}

    codes: Annotated[
        list[Any],
        Field(min_length=1, max_length=CODES_AT_ONCE),
        WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": CODES_AT_ONCE}),
    ]


class RejectedCode(AnswerModel):
    index: int
    reason: Literal["not_a_code"]


class CodesAnswer(AnswerModel):
    """How many are new and known; ``defined``: whether the release has a coupon of this name."""

    new: int
    known: int
    rejected: list[RejectedCode]
    defined: bool


class CodeAnswer(AnswerModel):
    """A code that was given, for the checkout."""

    coupon: str
    code: str
    percent: int | None
    given_at: Time
    valid_until: Time | None
    message_id: str
