"""Each kind of field and validator, as its smallest model: reading a stored one is validating it, whatever it holds."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)  # fmt: skip

from shared.domain.definitions.shop import SendHours, Strict
from shared.domain.definitions.stored_models import read_stored

pytestmark = pytest.mark.unit


class Whole(Strict):
    a: int
    b: int = 5
    c: Annotated[str | None, Field(alias="see")] = None


class Order(Strict):
    first: int
    last: int

    @field_validator("last")
    @classmethod
    def _later(cls, last: int, info: Any) -> int:
        if last <= info.data.get("first", last):
            raise ValueError("last comes before first")
        return last


class Wrapped(Strict):
    a: int

    @model_validator(mode="wrap")
    @classmethod
    def _twice(cls, said: Any, handler: Any) -> Any:
        return handler({"a": said["a"] * 2})


class Before(Strict):
    a: int

    @field_validator("a", mode="before")
    @classmethod
    def _number(cls, said: Any) -> Any:
        return said + 1


class Around(Strict):
    a: int

    @model_validator(mode="before")
    @classmethod
    def _first(cls, said: Any) -> Any:
        return {"a": said["a"] + 1}

    @model_validator(mode="after")
    def _last(self) -> Around:
        if self.a > 2:
            raise ValueError("too many")
        return self


class Stripping(Strict):
    model_config = ConfigDict(str_strip_whitespace=True)
    a: str


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)
    __pydantic_extra__: dict[str, str] = Field(init=False)
    a: int = 0


class Left(Strict):
    a: int | str = 0
    x: int = 1


class Right(Strict):
    a: str = ""
    x: int = 1


def one(kind: Any, **said: Any) -> type[BaseModel]:
    """A model with one field ``a``."""
    return create_model("One", __base__=Strict, a=(kind, Field(**said)))


ANYTHING = [
    None, True, False, 0, 1, -1, 2.0, 0.5, "", "a", "1", "1.0", "1.50", "1e1", "NaN", " a ", "A", "ı", "true",
    "10:00", "10:00:00", "T10", "10:00:00.5", "10:00:00Z", "2026-11-30", "20261130", "2026-W49-1", "2026-11-30T00:00",
    [], ["a"], [1], [True], ["a", "b"], {}, {"a": 1}, {"a": "a"}, {"x": 2}, {"a": 1, "x": 2}, {"a": None},
]  # fmt: skip
KINDS = [
    str, int, float, bool, Decimal, time, date, str | int, int | None, bool | int | str,
    Literal[1, "a"], Literal[True], Literal["a", "b"] | int, tuple[str, ...], tuple[int, ...], dict[str, int],
    frozenset[str], tuple[int, str], Left | Right, tuple[str, ...] | dict[str, str] | None,
    Annotated[str, StringConstraints(strip_whitespace=True)],
    Annotated[str, StringConstraints(to_upper=True)],
    Annotated[str, StringConstraints(to_lower=True)],
    Annotated[str, AfterValidator(lambda text: text * 2), AfterValidator(lambda text: text + "x")],
]  # fmt: skip


def outcome(make: Any) -> Any:
    try:
        made = make()
    except ValidationError as wrong:
        return [(error["loc"], error["type"], error["msg"]) for error in wrong.errors()]
    return repr(made), made.model_fields_set


def check(model: type[BaseModel], content: Any) -> None:
    text = json.dumps(content)
    validated = outcome(lambda: model.model_validate(json.loads(text)))
    assert outcome(lambda: read_stored(model, json.loads(text))) == validated, text


@pytest.mark.parametrize("kind", KINDS, ids=range(len(KINDS)))
def test_kinds(kind: Any) -> None:
    """Every value in a field of every kind."""
    for model in (
        one(kind),
        one(kind, default=None, validation_alias="a"),
        one(kind, default=7, validate_default=True),
    ):
        for content in ({}, *({"a": value} for value in ANYTHING)):
            check(model, content)


@pytest.mark.parametrize(
    ("model", "content"),
    [
        (Whole, {"a": 1, "see": "x"}),
        (Whole, {"a": 1, "c": "x"}),
        (Whole, {"a": 1, "c": "x", "see": "y"}),
        (Whole, {"b": 1}),
        (Whole, {"a": 1, "more": 1}),
        (Whole, [1]),
        (Order, {"first": 1, "last": 2}),
        (Order, {"first": 2, "last": 1}),
        (Order, {"last": 1, "first": 2}),
        (SendHours, {"end": "08:00:00", "start": "09:00:00"}),
        (Wrapped, {"a": 1}),
        (Before, {"a": 1}),
        (Around, {"a": 1}),
        (Around, {"a": 2}),
        (Stripping, {"a": " x "}),
        (Open, {"a": 1, "more": "x", "most": "y"}),
        (Open, {"a": 1, "more": 1}),
    ],
)
def test_models(model: type[BaseModel], content: Any) -> None:
    """Aliases, words that are missing or unknown, order, validators of every mode, settings."""
    check(model, content)
