"""Push messages have a limit of bytes: the body is shortened until they fit, the picture is left out at last."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from msgspec.structs import replace

from shared.domain.templates.content import PushContent

SHORTEST_BODY = 20
"""Letters of a body that still say something; below it, the picture goes first."""
CUT = "…"
_JOINERS = ("\u200d", "\ufe0f")


def fitted(content: PushContent, size: Callable[[PushContent], int], limit: int) -> PushContent | None:
    """The content as it fits; None if it does not even without its picture and with a short body."""
    for candidate in (content, replace(content, image="")):
        if size(candidate) <= limit:
            return candidate
        shorter = _shortened(candidate, size, limit)
        if shorter is not None:
            return shorter
    return None


def _shortened(content: PushContent, size: Callable[[PushContent], int], limit: int) -> PushContent | None:
    least, most = SHORTEST_BODY, len(content.body) - 1
    found = None
    while least <= most:
        middle = (least + most) // 2
        candidate = replace(content, body=_cut(content.body, middle))
        if size(candidate) <= limit:
            found, least = candidate, middle + 1
        else:
            most = middle - 1
    return found


def _cut(text: str, length: int) -> str:
    """The first letters, never a letter without its marks."""
    while length > 0 and _belongs_to_former(text, length):
        length -= 1
    return text[:length].rstrip() + CUT


def _belongs_to_former(text: str, place: int) -> bool:
    letter, former = text[place], text[place - 1]
    return letter in _JOINERS or former == "\u200d" or unicodedata.category(letter) in {"Mn", "Me"}
