"""Engagement facts as a JSON value: each message's id once, times as differences."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.newest import Newest
from shared.domain.facts.touches import MACHINE, EngagementFacts, Touch, messages

_LETTERS = {
    "email": "e", "sms": "s", "push": "p", "marketing": "m", "transactional": "t", "": "",
    "opened": "o", "clicked": "c", "tapped": "t", "visited": "v", "bounced": "b",
    f"{MACHINE}opened": "O", f"{MACHINE}clicked": "C",
}  # fmt: skip
_CHANNELS = {_LETTERS[name]: name for name in ("email", "sms", "push")}
_PURPOSES = {_LETTERS[name]: name for name in ("", "marketing", "transactional")}
_WHATS = {
    _LETTERS[name]: name
    for name in ("opened", "clicked", "tapped", "visited", "bounced", f"{MACHINE}opened", f"{MACHINE}clicked")
}


def encode_engagement(facts: EngagementFacts) -> list[Any]:
    """An empty list for nothing; equal facts give equal values."""
    if not facts:
        return []
    places: dict[str, int] = {}
    received = [
        [*map(_LETTERS.get, stream), _run(_touches_of(there), places), *_floor(there)]
        for stream, there in sorted(facts.received.items())
    ]
    touches = [[*map(_LETTERS.get, kind), _run(kept, places)] for kind, kept in sorted(facts.touches.items())]
    return [list(places), received, touches]


def decode_engagement(shape: list[Any] | None) -> EngagementFacts:
    """The inverse."""
    facts = EngagementFacts()
    if not shape:
        return facts
    names, received, touches = shape
    for channel, purpose, run, *floor in received:
        there = messages()
        there.entries = {message: (when, "", None) for when, message in _read_run(run, names)}
        there.floor = (floor[0], "", floor[1]) if floor else None
        facts.received[_CHANNELS[channel], _PURPOSES[purpose]] = there
    for channel, purpose, what, run in touches:
        facts.touches[_CHANNELS[channel], _PURPOSES[purpose], _WHATS[what]] = tuple(_read_run(run, names))
    return facts


def _touches_of(there: Newest) -> list[Touch]:
    return sorted(((entry[0], message) for message, entry in there.entries.items()), reverse=True)


def _floor(there: Newest) -> list[Any]:
    return [] if there.floor is None else [there.floor[0], there.floor[2]]


def _run(touches: list[Touch] | tuple[Touch, ...], places: dict[str, int]) -> list[int]:
    """Time, message, time, message: newest first, the first time whole, then how much older the next is."""
    run: list[int] = []
    for place, (when, message) in enumerate(touches):
        run += (touches[place - 1][0] - when if place else when, places.setdefault(message, len(places)))
    return run


def _read_run(run: list[int], names: list[str]) -> list[Touch]:
    touches: list[Touch] = []
    for step, place in zip(run[::2], run[1::2], strict=True):
        touches.append((touches[-1][0] - step if touches else step, names[place]))
    return touches
