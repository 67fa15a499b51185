"""What a JSON value must be to be stored and read back by everybody."""

from __future__ import annotations

import math
from typing import Any

from shared.domain.events.refusals import Refused
from shared.domain.events.size_limits import DEPTH

LARGEST = 1e18
"""Numbers at or above it are ids gone wrong or nonsense; no reader of JSON keeps them exactly."""


def check_values(value: dict[str, Any]) -> None:
    """Refuse numbers that are not finite or too large to be kept exactly, and nesting beyond ``DEPTH`` levels."""
    level: list[Any] = [value]
    for _ in range(DEPTH):
        deeper: list[Any] = []
        for holder in level:
            for inner in holder.values() if type(holder) is dict else holder:
                kind = type(inner)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    deeper.append(inner)
                elif (kind is float or kind is int) and not -LARGEST < inner < LARGEST:
                    raise Refused(_number(inner), "bad_number")
        if not deeper:
            return
        level = deeper
    raise Refused(f"the event is nested deeper than {DEPTH} levels", "too_deep")


def _number(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return "the event holds NaN, Infinity or a number that is too large"
    return "the event holds a number too large to be kept exactly; send long numbers as text"


def object_of(event: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under ``name``; an explicit null is an absent one."""
    value = event.get(name)
    if value is None:
        return {}
    if type(value) is not dict:
        raise Refused(f"{name} must be an object", "bad_object")
    return value


def text_of(value: Any) -> str | None:
    """Text as it is, numbers as text (42.0 is 42), anything else None."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return str(int(value)) if value.is_integer() else repr(value)
    return None
