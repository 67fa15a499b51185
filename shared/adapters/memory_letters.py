"""Dead letters in memory, for tests: what ``LetterQueue`` promises, without a clock."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from shared.ports.dead_letters import Held

AT_ONCE = 10


class MemoryLetterQueue:
    """``LetterQueue``. A letter that was taken is hidden until it is put back or ``show_hidden`` is called."""

    def __init__(self) -> None:
        self._letters: dict[str, tuple[str, int, int]] = {}
        self._hidden: set[str] = set()
        self._numbers = count(1)

    def add(self, body: str, queued_ms: int = 0) -> str:
        """Put a letter in; returns its id."""
        name = f"letter-{next(self._numbers)}"
        self._letters[name] = (body, queued_ms, 0)
        return name

    def show_hidden(self) -> None:
        """As if the time were over for which letters are hidden."""
        self._hidden.clear()

    def waiting(self) -> int:
        return len(self._letters)

    def receive(self, most: int) -> list[Held]:
        names = [name for name in self._letters if name not in self._hidden][: max(1, min(most, AT_ONCE))]
        found = []
        for name in names:
            body, queued_ms, receives = self._letters[name]
            self._letters[name] = (body, queued_ms, receives + 1)
            found.append(Held(name, body, queued_ms, receives + 1, f"handle of {name}"))
        self._hidden.update(names)
        return found

    def put_back(self, letters: Sequence[Held]) -> None:
        self._hidden -= {one.id for one in letters}

    def delete(self, letters: Sequence[Held]) -> None:
        for one in letters:
            self._letters.pop(one.id, None)
            self._hidden.discard(one.id)
