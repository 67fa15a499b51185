"""How far compaction has taken erased rows out: a pass looks at each day once, over several runs if need be.

A run that began before a note was written may still write a part without knowing of it. So a pass takes a note only
when such a run must be over, and looks at no part that was made by a run which knew of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from functions.measure.erasures import DONE, notes
from functions.measure.layout import ERASED, PASSES, Part
from shared.ports.objects import NoSuchObject, Objects

UNKNOWING_MS = 3_600_000
"""Longer than any run lives that did not read the note."""
KEPT_MS = 40 * 86_400_000
"""How long a note that was carried out hides rows that come late: longer than any queue keeps them."""
STEPS = 100
"""Days between two notes of progress."""
_CURRENT = f"{PASSES}current.json"


class ErasurePass:
    """The pass over what is to be taken out now; without anything to do it has no days."""

    def __init__(self, objects: Objects, folder: Path, now_ms: int) -> None:
        self._objects = objects
        self._folder = folder
        self._now_ms = now_ms
        self._notes = notes(objects, folder)
        done = {found.key.removeprefix(DONE).removesuffix(".json") for found in objects.listed(DONE)}
        self._done = [note for note in self._notes if note.version in done]
        self._pending = sorted(
            (note for note in self._notes if note.version not in done and note.noted_ms + UNKNOWING_MS < now_ms),
            key=lambda note: note.version,
        )
        self._after = self._progress()
        self._steps = 0

    @property
    def pending(self) -> bool:
        """Whether anybody is to be taken out now."""
        return bool(self._pending)

    def days(self, days: Sequence[Sequence[Part]]) -> Iterator[Sequence[Part]]:
        """Those that may hold rows of who was erased and were not looked at in this pass."""
        if not self._pending:
            return
        known_ms = max(note.noted_ms for note in self._pending) + UNKNOWING_MS
        for parts in days:
            if _place(parts) > self._after and min(part.made_ms for part in parts) <= known_ms:
                yield parts

    def note_progress(self, parts: Sequence[Part]) -> None:
        """This day was looked at."""
        self._after = _place(parts)
        self._steps += 1
        if self._steps % STEPS == 0:
            self._write(_CURRENT, {"notes": self._versions(), "after": self._after})

    def finish(self, *, whole: bool) -> int:
        """The run is over; ``whole``: every day was looked at. Returns how many erasures were carried out.

        Old notes are taken away: first what hides rows, then the mark that they were carried out.
        """
        if not whole:
            if self._pending:
                self._write(_CURRENT, {"notes": self._versions(), "after": self._after})
            return 0
        for note in self._pending:
            self._write(f"{DONE}{note.version}.json", {})
        self._objects.delete([_CURRENT])
        old = [note for note in self._done if note.noted_ms + KEPT_MS < self._now_ms]
        for note in old:
            self._objects.delete([f"{ERASED}{note.name}.json"])
            self._objects.delete([f"{DONE}{note.version}.json"])
        return len(self._pending)

    def _versions(self) -> list[str]:
        return [note.version for note in self._pending]

    def _progress(self) -> str:
        """Behind which day a pass over the same notes was interrupted; '' to begin."""
        try:
            said = orjson.loads(self._objects.fetch(_CURRENT, self._folder).read_bytes())
        except NoSuchObject:
            return ""
        return str(said["after"]) if said["notes"] == self._versions() else ""

    def _write(self, key: str, said: object) -> None:
        file = self._folder / "pass.json"
        file.write_bytes(orjson.dumps(said))
        self._objects.put(key, file)


def _place(parts: Sequence[Part]) -> str:
    return f"{parts[0].table}/{parts[0].day}"
