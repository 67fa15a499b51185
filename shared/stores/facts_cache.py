"""Facts by their bytes: what an environment has just read or written is not inflated and parsed again.

Decoding is a pure function, so bytes that are known give what they gave before. The facts are shared by all who ask:
whoever needs other ones makes a copy (``fold`` and ``join`` do), nobody changes them.
"""

from __future__ import annotations

import threading
from typing import Any

import orjson

from shared.domain.facts.encoding import decode, encode, json_text
from shared.domain.facts.facts import Facts

ENTRIES = 128
LONGEST = 8_192
"""Bytes. Decoded facts take some 20 times as much memory: all entries together stay below 20 MB."""


def facts_bytes(facts: Facts) -> bytes:
    """``encode`` with orjson: writing JSON is a third of its time."""
    return encode(facts, _json)


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # numbers beyond 64 bits, half a surrogate pair: what a shop may send
        return json_text(value)


class FactsCache:
    """The last facts that were read or written. Threads may share it."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._known: dict[bytes, Facts] = {}
        self._lock = threading.Lock()

    def read(self, data: bytes) -> Facts:
        """What ``decode`` gives.

        Raises
        ------
        UnknownFormat
            If a newer release wrote the bytes.
        """
        with self._lock:
            known = self._known.pop(data, None)
            if known is not None:
                self._known[data] = known  # the newest stand last
                return known
        facts = decode(data)
        self.remember(data, facts)
        return facts

    def write(self, facts: Facts) -> bytes:
        """What is stored for these facts."""
        return facts_bytes(facts)

    def remember(self, data: bytes, facts: Facts) -> None:
        """``data`` must be what ``facts_bytes`` made of ``facts``."""
        if len(data) > LONGEST:
            return
        with self._lock:
            self._known[data] = facts
            if len(self._known) > self._entries:
                del self._known[next(iter(self._known))]

    def known(self) -> dict[bytes, Facts]:
        """A copy of what is kept, the newest last."""
        with self._lock:
            return dict(self._known)
