"""Fields of a JSON object from outside, each with a sentence that says what to write instead."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from shared.domain.conversations.conversation import NAME_LENGTH
from shared.domain.conversations.message import TEXT_LENGTH, visible
from shared.domain.conversations.sent_files import MOST_FILES, SentFile, sent_file
from shared.http.answers import malformed

KEY = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
Word = TypeVar("Word", bound=str)


def only(body: Mapping[str, Any], *names: str) -> None:
    """Refuse fields that nobody reads: one that is written wrongly must not be passed over. Raises Problem (400)."""
    if not body.keys() <= set(names):
        raise malformed(f"the body may hold {', '.join(sorted(names))} and nothing else")


def name(body: Mapping[str, Any], field: str, *, needed: bool = False, most: int = NAME_LENGTH) -> str:
    """A name of one line, or "" if there is none. Raises Problem (400)."""
    value = body.get(field)
    found = "" if value is None else value
    if not isinstance(found, str):
        raise malformed(f"{field} must be a text")
    found = unicodedata.normalize("NFC", found.strip())
    if len(found) > most or any(unicodedata.category(sign)[0] == "C" for sign in found):
        raise malformed(f"{field} must be a text of at most {most} characters in one line")
    if needed and not found:
        raise malformed(f"{field} is missing: write a text of 1 to {most} characters")
    return found


def text(body: Mapping[str, Any]) -> str:
    """What is said; signs that nobody can see are taken out. Raises Problem (400)."""
    value = body.get("text")
    if not isinstance(value, str) or not value.strip():
        raise malformed("text is missing: write what is to be said")
    if len(value) > TEXT_LENGTH:
        raise malformed(f"text has at most {TEXT_LENGTH:,} characters")
    return visible(value)


def files(body: Mapping[str, Any]) -> tuple[SentFile, ...]:
    """Files with their content in base64, or none. Raises Problem (400)."""
    value = body.get("files", [])
    if not isinstance(value, list) or len(value) > MOST_FILES or not all(isinstance(one, dict) for one in value):
        raise malformed(f"files must be a list of at most {MOST_FILES} objects with name and content")
    return tuple(_file(one) for one in value)


def _file(said: Mapping[str, Any]) -> SentFile:
    only(said, "name", "content")
    content = said.get("content")
    try:
        raw = base64.b64decode(content if isinstance(content, str) else "", validate=True)
    except ValueError as broken:
        raise malformed("content must be the file in base64") from broken
    if not raw:
        raise malformed("content is missing: write the file in base64")
    return sent_file(name(said, "name", needed=True, most=200), raw)


def one_of(body: Mapping[str, Any], field: str, allowed: tuple[Word, ...], default: Word | None = None) -> Word:
    """One of some words. Raises Problem (400)."""
    value = body.get(field, default)
    found = next((word for word in allowed if word == value), None)
    if found is None:
        raise malformed(f"{field} must be one of {', '.join(allowed)}")
    return found


def key(body: Mapping[str, Any], field: str = "key", *, needed: bool = False) -> str:
    """The name of a request, or "". Raises Problem (400)."""
    value = body.get(field)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise malformed(f"{field} must be 1 to 100 letters, digits and - _ . :")
    return value
