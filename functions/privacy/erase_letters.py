"""Dead letters that name a person: messages, mails and reports that nobody could work on, kept for 14 days."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.domain.identity.identifiers import (
    Identifier,
    IdentifierType,
    InvalidIdentifier,
    PhoneReader,
    identifier,
    parse_identifier,
)
from shared.ports.dead_letters import Held, LetterQueue

MOST = 1_000
"""Letters of one queue that are looked at; more are an outage, whose letters are redriven, and refused then."""
AT_ONCE = 10
DEEPEST = 12
"""Levels of a body, and of JSON within its texts: SNS and SES pack one into another."""


@dataclass(frozen=True, slots=True)
class LetterErasure:
    """``queues``: those whose letters hold plain addresses; the others hold digests."""

    queues: Sequence[LetterQueue]
    keys: Callable[[Identifier], str]
    phone: PhoneReader

    def erase(self, homes: Collection[str]) -> int:
        """Deletes the letters that name one of these identifiers, and puts the others back. Returns how many."""
        return sum(self._erase(queue, homes) for queue in self.queues if queue.waiting())

    def _erase(self, queue: LetterQueue, homes: Collection[str]) -> int:
        kept: list[Held] = []
        erased = 0
        while len(kept) + erased < MOST and (letters := queue.receive(AT_ONCE)):
            doomed = [letter for letter in letters if self._names(letter.body, homes)]
            if doomed:
                queue.delete(doomed)
            erased += len(doomed)
            kept += [letter for letter in letters if letter not in doomed]
        if kept:
            queue.put_back(kept)
        return erased

    def _names(self, body: str, homes: Collection[str]) -> bool:
        return any(key in homes for text in _texts(body) for key in self._keys_of(text))

    def _keys_of(self, text: str) -> Iterator[str]:
        """The keys of what a text may name: an identifier as we write it, an address, a number."""
        kinds = (None, IdentifierType.EMAIL, IdentifierType.PHONE)
        for kind in kinds:
            with suppress(InvalidIdentifier):
                found = parse_identifier(text, self.phone) if kind is None else identifier(kind, text, self.phone)
                yield self.keys(found)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text of a body, also within JSON that is a text itself. A body that is none is one text."""
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield value
        if depth == 0 or value.startswith(("{", "[")):
            with suppress(ValueError, RecursionError):
                inner = json.loads(value)
                if not isinstance(inner, str):
                    yield from _texts(inner, depth + 1)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, depth + 1)
