"""Opaque cursors of lists: the last key read, so that the next page goes on behind it."""

from __future__ import annotations

import base64
import binascii
import json


class InvalidCursor(ValueError):
    """The cursor was not given out for this list."""


def write_cursor(last_key: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(last_key, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, attributes: set[str], partition: tuple[str, str]) -> dict[str, str]:
    """The key behind a cursor. It comes from outside, so everything about it is checked, its partition too."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as broken:
        raise InvalidCursor("the cursor is not one of ours; start again without it") from broken
    named = isinstance(key, dict) and set(key) == attributes and all(map(_is_key_text, key.values()))
    if not named or key[partition[0]] != partition[1]:
        raise InvalidCursor("the cursor belongs to another list; start again without it")
    return {name: str(value) for name, value in key.items()}


def _is_key_text(value: object) -> bool:
    """What a key may be: text, not empty, and writable in UTF-8."""
    return isinstance(value, str) and value != "" and not any("\ud800" <= sign <= "\udfff" for sign in value)
