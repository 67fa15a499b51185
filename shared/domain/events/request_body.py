"""A request body into JSON values, so that one event that no strict reader takes does not cost the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from shared.domain.events.refusals import Malformed
from shared.domain.events.size_limits import DEPTH

Loads = Callable[[bytes], Any]
"""A strict and fast JSON reader; it raises ValueError for what it does not take."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ELIDED_BELOW = DEPTH + 8
"""Deeper text is left out before parsing; what remains is still too deep for one event, so it is refused."""

REPLACED = "\ufffd"
"""Stands where text was not valid Unicode (half of an emoji, cut by a web shop)."""


def read_body(raw: bytes, loads: Loads = json.loads) -> Any:
    """The JSON value of a body.

    What the fast reader refuses is read again with care: NaN, infinities and huge numbers become floats that are not
    finite (the event that holds one is refused by name), nesting is cut, lone surrogates become U+FFFD.

    Raises
    ------
    Malformed
        If it is no JSON at all.
    """
    try:
        return loads(raw)
    except (ValueError, RecursionError):
        return _read_with_care(raw)


def _read_with_care(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise Malformed("the body must be JSON in UTF-8") from broken
    try:
        value = json.loads(_shallow(text), parse_int=_integer, parse_constant=_not_finite)
    except (ValueError, RecursionError) as broken:
        raise Malformed("the body is not valid JSON") from broken
    return _repaired(value)


def _shallow(text: str) -> str:
    """The text without what is nested deeper than any event may be; brackets stay balanced."""
    depth = 0
    kept: list[str] = []
    start = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in "[{":
            depth += 1
            if depth == _ELIDED_BELOW + 1:
                kept.append(text[start : token.start()] + "0")
        elif sign in "]}":
            if depth == _ELIDED_BELOW + 1:
                start = token.end()
            depth -= 1
    if depth > _ELIDED_BELOW:
        raise ValueError("unbalanced")
    kept.append(text[start:])
    return "".join(kept)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 40 else float("inf")


def _not_finite(_name: str) -> float:
    return float("nan")


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(REPLACED, value)
    if isinstance(value, dict):
        return {_SURROGATE.sub(REPLACED, name): _repaired(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_repaired(inner) for inner in value]
    return value
