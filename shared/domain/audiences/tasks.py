"""The messages of the queue of audiences: identifiers of customers who may have entered or left one."""

from __future__ import annotations

import json
from collections.abc import Iterable

from shared.domain.identity.keys import LETTERS

MOST = 50
_LONGEST = 64


class UnreadableTask(ValueError):
    """The body is no task. The text holds nothing of it."""


def tasks(homes: Iterable[str]) -> list[str]:
    """The messages that name these identifiers by their keys."""
    found = sorted(set(homes))
    return [json.dumps({"homes": found[start : start + MOST]}) for start in range(0, len(found), MOST)]


DUE = json.dumps({"due": True})
"""The message that a quarter of an hour has passed."""


def is_due(body: str) -> bool:
    """Whether the message says that the platforms are to be told now."""
    return "due" in body[:10] and "".join(body.split()) == '{"due":true}'


def read_task(body: str) -> list[str]:
    """
    Raises
    ------
    UnreadableTask
        If the body is something else.
    """
    try:
        homes = json.loads(body)["homes"]
    except (ValueError, TypeError, LookupError, RecursionError) as broken:
        raise UnreadableTask("the body is no task of audiences") from broken
    if not isinstance(homes, list) or not all(isinstance(one, str) and _is_key(one) for one in homes):
        raise UnreadableTask("a key is none")
    return homes


def _is_key(text: str) -> bool:
    return text[:1] in LETTERS and 3 <= len(text) <= _LONGEST
