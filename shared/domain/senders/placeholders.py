"""``{{ name }}`` in the texts of a gateway, filled in so that no value can leave its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

_PLACE = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*\}\}")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTES = {'"': "&quot;", "'": "&apos;"}


class Unfillable(ValueError):
    """A value is missing, or cannot stand where it is asked for. The message holds no value."""


def placeholders(content: Any) -> set[str]:
    """The names in a text, or in all texts of a structure."""
    match content:
        case str():
            return set(_PLACE.findall(content))
        case Mapping():
            return set().union(*(placeholders(part) for part in content.values())) if content else set()
        case list():
            return set().union(*(placeholders(part) for part in content)) if content else set()
        case _:
            return set()


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with plain values.

    Raises
    ------
    Unfillable
        If a value is missing.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise Unfillable(f"{found[1]} is missing")
        return values[found[1]]

    return _PLACE.sub(value, text)


def fill_header(text: str, values: Mapping[str, str]) -> str:
    """The value of a header.

    Raises
    ------
    Unfillable
        If a value is missing, or holds a line break or another sign that no header has.
    """
    filled = fill(text, values)
    if not filled.isascii() or not filled.isprintable():
        raise Unfillable("a header cannot hold this value")
    return filled


def json_body(content: Any, values: Mapping[str, str]) -> bytes:
    """The structure as JSON; values stand in strings only, so they cannot change the structure."""
    return _encoded(json.dumps(_filled(content, values), ensure_ascii=False, separators=(",", ":")))


def form_body(content: Mapping[str, str], values: Mapping[str, str]) -> bytes:
    """The fields as ``application/x-www-form-urlencoded``."""
    filled = [(name, _encoded(fill(text, values))) for name, text in content.items()]
    return urlencode(filled).encode("ascii")


def xml_body(text: str, values: Mapping[str, str]) -> bytes:
    """The text with values escaped for elements and attributes; signs that XML 1.0 forbids are left out."""
    safe = {name: escape(_NOT_IN_XML.sub("", value), _QUOTES) for name, value in values.items()}
    return _encoded(fill(text, safe))


def _filled(content: Any, values: Mapping[str, str]) -> Any:
    match content:
        case str():
            return fill(content, values)
        case Mapping():
            return {name: _filled(part, values) for name, part in content.items()}
        case list():
            return [_filled(part, values) for part in content]
        case _:
            return content


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as broken:
        raise Unfillable("a value holds half a surrogate pair") from broken
