"""The switches over all messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, WithJsonSchema, model_validator

from functions.admin.models.base import AnswerModel, RequestModel, Time

LISTED_AT_MOST = 1_000
_ANYTHING_ELSE = "say global_stop, shadow (true or false) or allow_list (identifiers, or null)"


class ControlsRequest(RequestModel):
    """What to change; what it does not name stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "examples": [{"shadow": False}]})
    sentences: ClassVar[Mapping[str, str]] = {
        "": _ANYTHING_ELSE,
        "global_stop": "global_stop is true or false",
        "shadow": "shadow is true or false",
        "allow_list": f"allow_list holds 1 to {LISTED_AT_MOST} identifiers such as email:ayse@example.com, or is null",
    }

    global_stop: bool = False
    shadow: bool = False
    allow_list: (
        Annotated[
            list[Any],
            Field(min_length=1, max_length=LISTED_AT_MOST),
            WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": LISTED_AT_MOST}),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _names_something(self) -> ControlsRequest:
        if not self.model_fields_set:
            raise ValueError(_ANYTHING_ELSE)
        return self


class ControlsAnswer(AnswerModel):
    """``allow_list`` is how many are on it: whom it names is kept as keyed digests."""

    global_stop: bool
    shadow: bool
    allow_list: int | None
    changed_at: Time | None
    changed_by: str | None
