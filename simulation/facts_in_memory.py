"""Facts of a dry run: kept as they are between two events, instead of being written to bytes and read again."""

from __future__ import annotations

from itertools import count

from shared.domain.facts.facts import Facts
from shared.stores.facts_cache import FactsCache


class _Held(bytes):
    """Stands in the item for the bytes of the facts, and carries them; no two are equal."""

    facts: Facts


class FactsInMemory(FactsCache):
    """Only for a table that keeps the very objects which are put into it, as ``MemoryTable`` does with bytes.

    Writing and reading facts gives equal facts (``tests/unit/domain``), so a dry run decides as production does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()

    def write(self, facts: Facts) -> bytes:
        held = _Held(next(self._numbers).to_bytes(8, "big"))
        held.facts = facts
        return held

    def read(self, data: bytes) -> Facts:
        return data.facts if isinstance(data, _Held) else super().read(data)

    def remember(self, data: bytes, facts: Facts) -> None:
        """Nothing to do: the bytes carry them."""
