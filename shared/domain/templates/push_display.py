"""How much of a push message a locked phone shows: on Android when it is collapsed and expanded, on iOS at once.

The systems cut by width, not by a number of characters. These are what fits on a phone of 360 points with the font of
the system; wide letters show less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.domain.templates.content import PushContent

System = Literal["android", "ios"]


@dataclass(frozen=True, slots=True)
class Room:
    """Characters that fit."""

    title: int
    body: int


ROOM: dict[System, Room] = {"android": Room(title=38, body=45), "ios": Room(title=32, body=160)}
"""Android: one line of title and one of body until somebody expands it. iOS: one line of title, four of body."""
BESIDE_IMAGE = 6
"""Characters of a line that a picture beside it takes."""


@dataclass(frozen=True, slots=True)
class ShownPush:
    """What stands on the lock screen; ``shortened`` if that is not all."""

    title: str
    body: str
    shortened: bool


def shown_push(content: PushContent, system: System) -> ShownPush:
    """The message as the system shows it."""
    room, lost = ROOM[system], BESIDE_IMAGE if content.image else 0
    lines = 4 if system == "ios" else 1
    title = cut(content.title, room.title - lost)
    body = cut(content.body, room.body - lost * lines)
    return ShownPush(title, body, (title, body) != (content.title, content.body))


def cut(text: str, length: int) -> str:
    """The text with at most so many characters, the last of them an ellipsis if it was longer.

    >>> cut("Sepetiniz sizi bekliyor", 12)
    'Sepetiniz s…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
